package main

import (
	"encoding/json"
	"runtime"
	"strings"
	"sync"
	"time"
)

const (
	keepsNothing = "the same, keeping nothing"
	makesMaps    = "the same, keeping nothing, with maps"
)

// keepTables measure what it costs that nothing is lost.
func keepTables(atLeast time.Duration) []table {
	documented := pageOf(100)
	return []table{
		keepSpeed(documented, 1.1, atLeast),
		keepSpeed(unknownEverywhere(documented), 1.25, atLeast),
		retention(1000, 10),
	}
}

// keepSpeed compares the module with a decoder that does the same and drops the
// exact text and what is not documented.
func keepSpeed(doc *document, limit float64, atLeast time.Duration) table {
	ways := []decoder{
		{name: keepsNothing, decode: func(text []byte) (any, error) { return leanPage(text) }, want: withoutMaps(doc.parts)},
		losslessPage(),
	}
	about := "This module, and its decoder without `RawJSON` and `Extra`."
	if n := strings.Count(string(doc.text()), unknownMember); n > 0 {
		about += " `Extra` is a map, so that it takes one for each object: the last line keeps nothing, and makes as many with an entry each."
		ways = append(ways, decoder{name: makesMaps, decode: func(text []byte) (any, error) {
			maps := manyMaps(n)
			defer runtime.KeepAlive(maps)
			return leanPage(text)
		}, want: withoutMaps(doc.parts)})
	}
	return table{
		name:     "keep-" + doc.name,
		title:    "Keeping everything of " + doc.title,
		about:    about,
		unit:     throughput(func() int { return len(doc.text()) }),
		variants: doc.variants(ways, func(work func() error) (float64, error) { return timeOf(work, atLeast) }),
		targets:  []target{{lossless, keepsNothing, 1 / limit}},
	}
}

// manyMaps makes n maps of one entry.
func manyMaps(n int) []map[string]json.RawMessage {
	raw := json.RawMessage(`"4d9f2b61"`)
	list := make([]map[string]json.RawMessage, n)
	for i := range list {
		list[i] = make(map[string]json.RawMessage)
		list[i]["x_trace"] = raw
	}
	return list
}

const unknownMember = `"x_trace":"4d9f2b61"`

// unknownEverywhere adds a member that is not documented to each object.
func unknownEverywhere(doc *document) *document {
	const unknown = "{" + unknownMember + ","
	var replacements []string
	for _, first := range []string{
		"id", "tag", "count", "name", "duration", "collected_tags", "node_id", "execution_parameters", "code", "payload",
	} {
		replacements = append(replacements, `{"`+first+`":`, unknown+`"`+first+`":`)
	}
	more := *doc
	more.name += "-unknown"
	more.title += " with an unknown member in each object"
	more.text = sync.OnceValue(func() []byte {
		return []byte(strings.NewReplacer(replacements...).Replace(string(doc.text())))
	})
	return &more
}

// withoutMaps is a page of the corpus without the objects that the module decodes
// when they are asked for. Everybody else skips them.
func withoutMaps(sessions int) func() []byte {
	return func() []byte {
		c := corpus{Sessions: sessions, Days: 50}
		all := c.sorted()
		for i := range all {
			all[i].Tags, all[i].Params = nil, nil
		}
		return encode(pageWith(all))
	}
}
