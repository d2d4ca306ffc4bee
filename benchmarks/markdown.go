package main

import (
	"fmt"
	"strings"
)

func (r *result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s.** %s\n\n", r.title, r.about)
	first := r.variants[0].name
	fmt.Fprintf(&b, "| | Median | Spread | Times %s the first |\n|---|---|---|---|\n", r.unit.compare)
	for _, v := range r.variants {
		fmt.Fprintf(&b, "| %s | %s | %s to %s | %.2f |\n", v.name, r.unit.format(r.median(v.name)),
			r.unit.format(r.best(v.name)), r.unit.format(r.worst(v.name)), r.ratio(v.name, first))
	}
	if len(r.targets) == 0 {
		return b.String()
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
	if t.limit < 1 {
		wanted = fmt.Sprintf("at most %.2f times %s %s", 1/t.limit, r.unit.cost, t.against)
		return wanted, fmt.Sprintf("%.2f", 1/ratio), ratio >= t.limit
	}
	wanted = fmt.Sprintf("at least %.1f times %s %s", t.limit, r.unit.compare, t.against)
	return wanted, fmt.Sprintf("%.2f", ratio), ratio >= t.limit
}
