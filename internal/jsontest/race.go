//go:build race

package jsontest

// stride is by how many variants of a long document Equivalent goes on: the race
// detector makes each of them ten times as slow, and finds nothing more in them.
const stride = 7
