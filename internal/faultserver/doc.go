// Package faultserver is a service that fails, for tests: real HTTP over
// connections in memory, so that everything that happens on them takes place
// in the virtual time of testing/synctest, and a list of the faults that a
// client must bear ([Faults]).
package faultserver
