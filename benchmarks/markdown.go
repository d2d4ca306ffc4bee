package main

import (
	"fmt"
	"strings"
)

// unit is what a table measures.
type unit struct {
	format  func(float64) string
	compare string // the words for "twice ... the other one"
}

// nanoseconds is the unit of speed.
func nanoseconds() unit {
	return unit{compare: "as fast as", format: func(v float64) string {
		switch {
		case v >= 1e9:
			return fmt.Sprintf("%.2f s", v/1e9)
		case v >= 1e6:
			return fmt.Sprintf("%.1f ms", v/1e6)
		default:
			return fmt.Sprintf("%.1f µs", v/1e3)
		}
	}}
}

const mebibyte = 1 << 20

// bytes is the unit of memory.
func bytes() unit {
	return unit{compare: "as small as", format: func(v float64) string { return fmt.Sprintf("%.1f MiB", v/mebibyte) }}
}

func (r *result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s.** %s\n\n", r.title, r.about)
	first := r.variants[0].name
	fmt.Fprintf(&b, "| | Median | Spread | Times %s the first |\n|---|---|---|---|\n", r.unit.compare)
	for _, v := range r.variants {
		fmt.Fprintf(&b, "| %s | %s | %s to %s | %.2f |\n", v.name, r.unit.format(r.median(v.name)),
			r.unit.format(r.best(v.name)), r.unit.format(r.worst(v.name)), r.ratio(v.name, first))
	}
	b.WriteString("\n| Target | Measured | |\n|---|---|---|\n")
	for _, t := range r.targets {
		wanted, measured, reached := r.judge(t)
		verdict := "missed"
		if reached {
			verdict = "reached"
		}
		fmt.Fprintf(&b, "| %s: %s | %s | %s |\n", t.variant, wanted, measured, verdict)
	}
	return b.String()
}

func (r *result) judge(t target) (wanted, measured string, reached bool) {
	if t.against == "" {
		worst := r.worst(t.variant)
		return "never above " + r.unit.format(t.limit), r.unit.format(worst), worst <= t.limit
	}
	ratio := r.ratio(t.variant, t.against)
	wanted = fmt.Sprintf("at least %.1f times %s %s", t.limit, r.unit.compare, t.against)
	return wanted, fmt.Sprintf("%.2f", ratio), ratio >= t.limit
}
