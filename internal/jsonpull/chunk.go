package jsonpull

import (
	"encoding/json"
	"strings"
)

// What a decoder returns and is no part of its document is put together in chunks,
// so that small things do not cost an allocation each. Chunks are small, as whoever
// keeps one thing of a chunk keeps all of it.
const (
	maxTextChunk = 4 << 10
	minRawChunk  = 64
	maxRawChunk  = 1 << 10
)

// textRoom returns where a string of at most n bytes can be built.
func (d *Decoder) textRoom(n int) *strings.Builder {
	if d.text.Cap()-d.text.Len() < n {
		chunk := max(n, min(maxTextChunk, (len(d.doc)-d.pos)/4))
		d.spend(chunk)
		d.text = strings.Builder{}
		d.text.Grow(chunk)
	}
	return &d.text
}

// rawCopy returns a copy of raw that may be changed and appended to.
func (d *Decoder) rawCopy(raw string) json.RawMessage {
	if cap(d.raw)-len(d.raw) < len(raw) {
		chunk := max(len(raw), min(maxRawChunk, max(minRawChunk, 2*cap(d.raw))))
		d.spend(chunk)
		d.raw = make([]byte, 0, chunk)
	}
	start := len(d.raw)
	d.raw = append(d.raw, raw...)
	return d.raw[start:len(d.raw):len(d.raw)]
}
