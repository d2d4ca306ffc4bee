//go:build race

package callinsights_test

// raceDetector makes programs about ten times slower.
const raceDetector = true
