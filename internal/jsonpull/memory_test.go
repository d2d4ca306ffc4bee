package jsonpull_test

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// large is the size of a record with many fields.
type large struct {
	Fields [64]string
	Extra  map[string]json.RawMessage
}

func (l *large) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		l.Extra = obj.Keep(l.Extra)
	}
}

// small is the size of the smallest one.
type small struct {
	Extra map[string]json.RawMessage
}

func (s *small) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		s.Extra = obj.Keep(s.Extra)
	}
}

// A document of 3 MiB allocates at most 64 MiB in all, whatever is in it.
//
//nolint:paralleltest // what other tests allocate would count
func TestMemoryOfSmallDocuments(t *testing.T) {
	fill := func(element string) string {
		return `[` + strings.Repeat(element+`,`, 3*mebibyte/(len(element)+1)) + element + `]`
	}
	docs := map[string]string{
		"empty objects": fill(`{}`), "nulls": fill(`null`), "zeros": fill(`0`), "empty strings": fill(`""`), "empty lists": fill(`[]`),
		"one key": fill(`{"":0}`), "two keys": fill(`{"a":0,"b":0}`), "eight keys": fill(`{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0}`),
		"escapes": fill(`"\n"`), "invalid UTF-8": fill("\"\xff\xff\xff\xff\xff\xff\xff\xff\""), "lists of one": fill(`[0]`),
		"one long string":   `["` + strings.Repeat(`\n`, 3*mebibyte/2) + `"]`,
		"long, not UTF-8":   `["` + strings.Repeat("\xff", 3*mebibyte) + `"]`,
		"long, with one":    `["` + strings.Repeat("\xff", 3*mebibyte) + `\n"]`,
		"many keys":         `[{` + manyKeys(3*mebibyte) + `}]`,
		"many long keys":    `[{` + strings.Repeat(`"`+strings.Repeat(`\n`, 2000)+`":0,`, 3*mebibyte/4006) + `"":0}]`,
		"repeated raw":      `[{` + strings.Repeat(`"":[0,0,0,0,0,0,0],`, 3*mebibyte/19) + `"":0}]`,
		"deep and repeated": fill(strings.Repeat("[", 100) + strings.Repeat("]", 100)),
	}
	takers := map[string]func(*jsonpull.Decoder){
		"large":          func(d *jsonpull.Decoder) { jsonpull.List(d, (*large).decode) },
		"large pointers": func(d *jsonpull.Decoder) { jsonpull.Pointers(d, (*large).decode) },
		"small":          func(d *jsonpull.Decoder) { jsonpull.List(d, (*small).decode) },
		"small pointers": func(d *jsonpull.Decoder) { jsonpull.Pointers(d, (*small).decode) },
		"strings":        func(d *jsonpull.Decoder) { d.Strings() },
		"raw messages": func(d *jsonpull.Decoder) {
			jsonpull.List(d, func(raw *json.RawMessage, d *jsonpull.Decoder) { *raw = d.RawMessage() })
		},
		"maps": func(d *jsonpull.Decoder) {
			jsonpull.List(d, func(m *map[string]string, d *jsonpull.Decoder) {
				*m = jsonpull.Map(d, func(text *string, d *jsonpull.Decoder) { *text = d.Text() })
			})
		},
		"lists": func(d *jsonpull.Decoder) {
			jsonpull.List(d, func(list *[]large, d *jsonpull.Decoder) { *list = jsonpull.List(d, (*large).decode) })
		},
	}
	for what, doc := range docs {
		for how, take := range takers {
			var err error
			if got := allocated(func() { err = jsonpull.Parse(doc, take) }); got > 64*mebibyte {
				t.Errorf("%s as %s: %d MiB allocated, error %v", what, how, got/mebibyte, err)
			}
			if err != nil && strings.Contains(err.Error(), "want") {
				continue // another kind of value
			}
			if err != nil && !errors.Is(err, jsonpull.ErrLimit) {
				t.Errorf("%s as %s: %v", what, how, err)
			}
		}
		text := []byte(doc)
		if got := allocated(func() { readEach(jsonpull.NewBufferedStream(text), (*large).decode) }); got > 64*mebibyte {
			t.Errorf("%s, buffered stream of large ones: %d MiB allocated", what, got/mebibyte)
		}
		if got := allocated(func() { readEach(jsonpull.NewBufferedStream(text), (*small).decode) }); got > 64*mebibyte {
			t.Errorf("%s, buffered stream of small ones: %d MiB allocated", what, got/mebibyte)
		}
	}
	if err := jsonpull.Parse(docs["empty objects"], takers["large"]); !errors.Is(err, jsonpull.ErrLimit) {
		t.Errorf("got %v, want an error for the limit", err)
	}
}

func manyKeys(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(`"`)
		for n := i; n > 0; n /= 43 {
			b.WriteByte('0' + byte(n%43))
		}
		b.WriteString(`":0,`)
	}
	return b.String() + `"":0`
}

// readEach reads a list as the products read theirs.
func readEach[T any](s *jsonpull.Stream, decode func(*T, *jsonpull.Decoder)) {
	for arr := s.Array(); arr.Next(); {
		v := new(T)
		s.Spend(int(reflect.TypeFor[T]().Size()))
		s.Value(func(d *jsonpull.Decoder) { decode(v, d) })
	}
}

// allocated returns the bytes that f allocates, freed ones included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A stream of any length keeps no more than the element at hand.
//
//nolint:paralleltest // what other tests allocate would count
func TestMemoryOfStreams(t *testing.T) {
	const elements = 200_000
	element := `{"id":1,"text":"` + strings.Repeat("x", 400) + `","labels":["a","b"]},`
	doc := io.MultiReader(strings.NewReader(`{"hits":[`), &repeater{text: element, n: elements}, strings.NewReader(`{}]}`))
	s := jsonpull.NewStream(doc, mebibyte)
	n, largest := 0, uint64(0)
	before := inUse()
	for obj := s.Object(); obj.Next(); {
		for arr := s.Array(); arr.Next(); n++ {
			var h hit
			s.Value(h.decode)
			if n%(elements/8) == 0 {
				now := inUse()
				largest = max(largest, now-min(before, now))
			}
		}
	}
	if err := s.End(); err != nil || n != elements+1 {
		t.Errorf("%d elements, error %v", n, err)
	}
	if largest > mebibyte {
		t.Errorf("%d bytes in use for elements of %d", largest, len(element))
	}
}

// inUse returns the size of all that can be reached.
func inUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// repeater reads text n times over.
type repeater struct {
	text string
	n    int
	rest string
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.rest = r.text
		r.n--
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Believable pages are far from the budget, also where no key is known.
func TestBudgetAllowsHonestDocuments(t *testing.T) {
	t.Parallel()
	record := `{"a1b2":"0123456789","parameters":{` + strings.Repeat(`"some_key":"some value",`, 10) + `"n":1},"list":[1,2,3],"text":"` + strings.Repeat("word ", 40) + `"},`
	doc := `[` + strings.Repeat(record, 8*mebibyte/len(record)) + `{}]`
	takers := map[string]func(*jsonpull.Decoder){
		"small": func(d *jsonpull.Decoder) { jsonpull.Pointers(d, (*small).decode) },
		"large": func(d *jsonpull.Decoder) { jsonpull.Pointers(d, (*large).decode) },
		"hits":  func(d *jsonpull.Decoder) { jsonpull.List(d, (*hit).decode) },
	}
	for name, take := range takers {
		if err := jsonpull.Parse(doc, take); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
