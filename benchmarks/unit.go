package main

import "fmt"

// unit is what a table measures. Less is better, whatever it is.
type unit struct {
	format  func(float64) string
	compare string // the words for "twice ... the other one"
	cost    string // the words for "at most twice ... the other one"
}

// nanoseconds is the unit of speed.
func nanoseconds() unit {
	return unit{compare: "as fast as", cost: "the time of", format: formatTime}
}

func formatTime(v float64) string {
	switch {
	case v >= 1e9:
		return fmt.Sprintf("%.2f s", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.1f ms", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.1f µs", v/1e3)
	default:
		return fmt.Sprintf("%.0f ns", v)
	}
}

// throughput is nanoseconds for so many bytes, with the bytes a second.
func throughput(size func() int) unit {
	u := nanoseconds()
	u.format = func(v float64) string { return fmt.Sprintf("%s (%.0f MB/s)", formatTime(v), float64(size())*1e3/v) }
	return u
}

const (
	kibibyte = 1 << 10
	mebibyte = 1 << 20
)

// byteCount is the unit of memory.
func byteCount() unit {
	return unit{compare: "as small as", cost: "the memory of", format: func(v float64) string {
		if v < mebibyte {
			return fmt.Sprintf("%.1f KiB", v/kibibyte)
		}
		return fmt.Sprintf("%.1f MiB", v/mebibyte)
	}}
}

// allocations is the unit of what the garbage collector has to look after.
func allocations() unit {
	return unit{compare: "as few as", cost: "the allocations of", format: func(v float64) string { return fmt.Sprintf("%.1f", v) }}
}
