//go:build !race

package jsontest

const stride = 1
