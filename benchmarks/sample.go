package main

import (
	"math"
	"runtime"
	"time"
)

// sampleTime is how long a measurement of something short takes, about. It has as
// many repetitions as fit.
const sampleTime = 150 * time.Millisecond

// besides is how many bytes a program holds beside what is measured. Programs do:
// with next to nothing in memory, the collector would run for every few documents,
// and a good part of what is measured would be that.
const besides = 16 << 20

// gauge measures what work does.
type gauge func(work func() error) (float64, error)

// timeOf returns how long work takes, from repetitions that take at least that
// long altogether. Their number is found by doubling it.
func timeOf(work func() error, atLeast time.Duration) (float64, error) {
	held := make([]byte, besides)
	defer runtime.KeepAlive(held)
	for n := 1; ; n *= 2 {
		began := time.Now()
		for range n {
			if err := work(); err != nil {
				return 0, err
			}
		}
		if took := time.Since(began); took >= atLeast {
			return float64(took) / float64(n), nil
		}
	}
}

// allocationsOf returns how many times work allocates. It is done once before, and
// what others allocate meanwhile is lost in the repetitions.
func allocationsOf(work func() error, repetitions int) (float64, error) {
	if err := work(); err != nil {
		return 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range repetitions {
		if err := work(); err != nil {
			return 0, err
		}
	}
	runtime.ReadMemStats(&after)
	return math.Floor(float64(after.Mallocs-before.Mallocs) / float64(repetitions)), nil
}
