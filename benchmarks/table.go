package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
)

// tables are all that is measured, in the order of the report. Streams and exports come
// first: the documents of the others stay in memory, and the more there is, the later
// garbage is collected.
func tables() []table {
	return slices.Concat(
		streamTables(),
		exportTables(),
		decodeTables(sampleTime),
		keepTables(sampleTime),
		filterTables(sampleTime),
		callTables(sampleTime),
		receiveTables(sampleTime),
		idleTables(),
	)
}

// table is something to be done, and the ways to do it that are measured side by
// side.
type table struct {
	name     string  // for -only
	title    string  // in the report
	about    string  // what exactly is measured
	corpus   *corpus // what the fake serves; nil for no fake
	unit     unit
	system   string             // which alone it can be measured on; empty for all
	rounds   int                // at most; 0 for as many as are asked for
	variants []variant          // the first is what the report compares the others with
	bases    map[string]variant // by the variant's name: measured beside it and taken off; nil for nothing
	targets  []target
}

// variant is one way. measure does it once, with the fake at url.
type variant struct {
	name    string
	measure func(ctx context.Context, url string) (float64, error)
}

// target is what must be true of a variant. Against another one it must be at
// least limit times as good in the median, where a limit below 1 lets it be worse,
// and otherwise never above limit.
type target struct {
	variant, against string
	limit            float64
}

// result holds what was measured.
type result struct {
	table

	samples map[string][]float64 // by the variant's name, sorted
	offs    map[string][]float64 // what was taken off, likewise by the base's
}

// measure does each variant once in each round, so that what else the machine
// does meanwhile hits all of them.
func (t table) measure(ctx context.Context, rounds int, stderr io.Writer) (*result, error) {
	url := ""
	if t.corpus != nil {
		fake, err := start(ctx, t.corpus, stderr)
		if err != nil {
			return nil, err
		}
		defer fake.stop()
		url = fake.url
	}
	r := &result{t, make(map[string][]float64), make(map[string][]float64)}
	for range t.atMost(rounds) {
		for _, v := range t.variants {
			if err := r.sample(ctx, url, v); err != nil {
				return nil, err
			}
		}
	}
	for _, samples := range r.samples {
		slices.Sort(samples)
	}
	for _, samples := range r.offs {
		slices.Sort(samples)
	}
	return r, nil
}

// sample measures a variant once, and its base if it has one.
func (r *result) sample(ctx context.Context, url string, v variant) error {
	sample, err := v.once(ctx, url)
	if err != nil {
		return err
	}
	if base, ok := r.bases[v.name]; ok {
		off, err := base.once(ctx, url)
		if err != nil {
			return err
		}
		sample -= off
		r.offs[base.name] = append(r.offs[base.name], off)
	}
	r.samples[v.name] = append(r.samples[v.name], sample)
	return nil
}

func (v variant) once(ctx context.Context, url string) (float64, error) {
	runtime.GC() // nobody pays for the garbage of the one before
	sample, err := v.measure(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", v.name, err)
	}
	return sample, nil
}

func (t table) atMost(rounds int) int {
	if t.rounds > 0 {
		return min(t.rounds, rounds)
	}
	return rounds
}

func (r *result) median(variant string) float64 { return median(r.samples[variant]) }

// median is that of samples which are sorted.
func median(samples []float64) float64 {
	n := len(samples)
	return (samples[(n-1)/2] + samples[n/2]) / 2
}

func (r *result) worst(variant string) float64 { return slices.Max(r.samples[variant]) }

func (r *result) best(variant string) float64 { return slices.Min(r.samples[variant]) }

// ratio returns how many times as good a variant is as another one: less is
// better, whatever the unit.
func (r *result) ratio(variant, against string) float64 {
	return r.median(against) / r.median(variant)
}
