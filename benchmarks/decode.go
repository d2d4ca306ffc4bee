package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	goccy "github.com/goccy/go-json"
	"github.com/mailru/easyjson"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// The names of the decoders that the targets refer to.
const (
	standard = "`encoding/json`"
	bySonic  = "sonic"
	lossless = "this module"
)

// document is what the decoders decode.
type document struct {
	name  string // for -only
	title string
	text  func() []byte // made when it is asked for first
	parts int           // what allocations are counted for
	part  string        // what one of them is
}

// decoder is a way to decode a document.
type decoder struct {
	name   string
	decode func(text []byte) (any, error)
	want   func() []byte // what there must be afterwards; nil for all of the document
}

// decodeTables measures all decoders on each kind of document.
func decodeTables(atLeast time.Duration) []table {
	hundred, thousand, record, event := pageOf(100), pageOf(1000), longRecord(2000), analyzedCall()
	ahead := []target{{lossless, standard, 5}, {lossless, bySonic, 1}}
	return []table{
		decodeSpeed(hundred, pageDecoders(), atLeast, ahead...),
		decodeSpeed(thousand, pageDecoders(), atLeast, ahead...),
		decodeSpeed(record, recordDecoders(), atLeast, target{lossless, standard, 5.5}),
		decodeSpeed(event, eventDecoders(), atLeast, target{lossless, standard, 4.5}),
		decodeAllocations(hundred, pageDecoders(), target{lossless, "", 30}),
		decodeAllocations(record, recordDecoders()),
		decodeAllocations(event, eventDecoders()),
	}
}

// decodeSpeed measures how fast a document becomes values.
func decodeSpeed(doc *document, decoders []decoder, atLeast time.Duration, targets ...target) table {
	return table{
		name:     "decode-" + doc.name,
		title:    "Decoding " + doc.title,
		about:    "The others keep nothing but the documented members; this module keeps the exact text and what is not documented, too.",
		unit:     throughput(func() int { return len(doc.text()) }),
		variants: doc.variants(decoders, func(work func() error) (float64, error) { return timeOf(work, atLeast) }),
		targets:  targets,
	}
}

// decodeAllocations counts what it allocates.
func decodeAllocations(doc *document, decoders []decoder, targets ...target) table {
	return table{
		name:   "decode-" + doc.name + "-allocations",
		title:  "Allocations of decoding " + doc.title,
		about:  "For each " + doc.part + ", by the same decoders.",
		rounds: 2, // they hardly differ
		unit:   allocations(),
		variants: doc.variants(decoders, func(work func() error) (float64, error) {
			all, err := allocationsOf(work, 5)
			return all / float64(doc.parts), err
		}),
		targets: targets,
	}
}

// variants measures decoders, each of which has to show once that it decodes the
// document.
func (doc *document) variants(decoders []decoder, measure gauge) []variant {
	var list []variant
	for _, way := range decoders {
		checked := sync.OnceValue(func() error { return way.check(doc.text()) })
		list = append(list, variant{way.name, func(context.Context, string) (float64, error) {
			if err := checked(); err != nil {
				return 0, err
			}
			text := doc.text()
			return measure(func() error {
				_, err := way.decode(text)
				return err
			})
		}})
	}
	return list
}

func (way decoder) check(text []byte) error {
	got, err := way.decode(text)
	switch {
	case err != nil:
		return err
	case way.want != nil:
		return holds(way.want(), got)
	}
	return holds(text, got)
}

func pageDecoders() []decoder { return append(peers[plain.Page](), losslessPage()) }

func losslessPage() decoder {
	return decoder{name: lossless, decode: func(text []byte) (any, error) {
		page := new(vonageinsights.Page)
		return page, page.UnmarshalJSON(text)
	}}
}

func recordDecoders() []decoder {
	return append(peers[plain.Record](), decoder{name: lossless, decode: func(text []byte) (any, error) {
		record := new(ringsense.RecordingInsights)
		return record, record.UnmarshalJSON(text)
	}})
}

func eventDecoders() []decoder {
	return append(peers[plain.Event](), decoder{name: lossless, decode: func(text []byte) (any, error) {
		return whippy.ParseEvent(text)
	}})
}

// peers decode into plain structs. sonic's strings are parts of the document
// unless it is told otherwise, so that each of them keeps all of it in memory.
func peers[T any, P interface {
	*T
	easyjson.Unmarshaler
}]() []decoder {
	with := func(name string, unmarshal func(text []byte, v any) error) decoder {
		return decoder{name: name, decode: func(text []byte) (any, error) {
			v := new(T)
			return v, unmarshal(text, v)
		}}
	}
	return []decoder{
		with(standard, json.Unmarshal),
		with("go-json-experiment", func(text []byte, v any) error { return jsonv2.Unmarshal(text, v) }),
		with(bySonic, sonic.Unmarshal),
		with("sonic with CopyString", sonic.Config{CopyString: true}.Froze().Unmarshal),
		with("goccy/go-json", goccy.Unmarshal),
		{name: "easyjson", decode: func(text []byte) (any, error) {
			v := P(new(T))
			return v, easyjson.Unmarshal(text, v)
		}},
	}
}
