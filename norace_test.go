//go:build !race

package callinsights_test

const raceDetector = false
