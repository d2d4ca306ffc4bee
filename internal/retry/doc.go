// Package retry sends a call until it is answered or given up: which failures
// are repeated ([Row]), how long the wait between two attempts is, what the
// calls of one client may spend on repeats (the budget), and when nobody may
// send because of the rate limit ([Gate]).
//
// It is the only package that uses go-retryablehttp, of which it takes the
// loop; everything that is decided in that loop is decided here.
package retry
