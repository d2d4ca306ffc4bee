package jsonpull_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

const mebibyte = 1 << 20

// readers are the ways in which a document may arrive.
var readers = map[string]func(io.Reader) io.Reader{
	"at once":          func(r io.Reader) io.Reader { return r },
	"byte by byte":     iotest.OneByteReader,
	"by halves":        iotest.HalfReader,
	"end with data":    iotest.DataErrReader,
	"byte and its end": func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
}

// checkStream reads doc in each way and compares values and faults with those
// of a Decoder. Limits on memory differ, so doc must be small.
func checkStream(t *testing.T, doc string) {
	t.Helper()
	var want page
	wantErr := jsonpull.ParseObject(doc, want.decode)
	if len(want.Hits) == 0 {
		want.Hits = nil // a loop cannot tell null from an empty list
	}
	streams := map[string]*jsonpull.Stream{"in memory": jsonpull.NewBufferedStream([]byte(doc))}
	for name, reader := range readers {
		streams[name] = jsonpull.NewStream(reader(strings.NewReader(doc)), mebibyte)
	}
	for name, s := range streams {
		var got page
		err := got.read(s)
		if !errors.Is(s.Err(), err) || !errors.Is(s.End(), err) {
			t.Errorf("%q %s: read returned %v, Err %v, End %v", doc, name, err, s.Err(), s.End())
		}
		if diff := cmp.Diff(faultOf(t, wantErr), faultOf(t, err)); diff != "" {
			t.Errorf("%q %s: the faults differ (-want +got):\n%s", doc, name, diff)
		}
		if wantErr != nil {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q %s: (-want +got):\n%s", doc, name, diff)
		}
	}
}

// fault is where a document is wrong, and in which of three ways.
type fault struct {
	Path       string
	Offset     int64
	End, Limit bool
}

func faultOf(t *testing.T, err error) fault {
	t.Helper()
	if err == nil {
		return fault{}
	}
	at, ok := errors.AsType[*callinsights.DecodeError](err)
	if !ok {
		t.Fatalf("got a %T: %v", err, err)
	}
	return fault{at.Path, at.Offset, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, jsonpull.ErrLimit)}
}

func TestStreamEqualsDecoder(t *testing.T) {
	t.Parallel()
	docs := []string{
		pageDocument, "\ufeff" + pageDocument, " \n" + pageDocument + "\t ", `{}`, "\ufeff", "\ufeff\ufeff{}", " \ufeff{}", "\xef\xbb", ``, ` `,
		`null`, `nope`, `[]`, `1`, `"a"`, `}`, `,`, `{}{}`, `{} x`, `{}}`, `{"hits":null}`, `{"hits":nul}`, `{"hits":{}}`, `{"hits":5`, `{"hits":"a"}`,
		`{"hits":[]}`, `{"hits":[,]}`, `{"hits":[{},]}`, `{"hits":[{} {}]}`, `{"hits":[{}}`, `{"hits":[{}]]`, `{"hits":[}`, `{"hits":[[]]}`,
		`{"total":}`, `{"total":,}`, `{"total"}`, `{"total" 1}`, `{"total":1 "name":2}`, `{"total":1,}`, `{,}`, `{total:1}`, `{"total":1,,}`, `{1:2}`, `{"a\qb":1}`,
		`{"total":1.5}`, `{"total":tru}`, `{"total":-}`, `{"total":1.}`, `{"total":truefalse}`, `{"x":[1}`, `{"x":{]}`, `{"x":"\u12"}`, `{"x":nul}`, "{\"x\":\"\x00\"}",
		`{"hits":[{"id":"x"}],"total":0}`, `{"hits":[{"id":1},{"labels":[{}]}]}`, `{"hits":[{},null,{}]}`, `{"x":1,"x":2,"hits":[{}],"hits":[{},{}]}`,
		`{"hits":[1e5,{}]}`, `{"":{"":x}}`, `{"":1,"x":x}`,
		`{"x":` + strings.Repeat("[", 127) + strings.Repeat("]", 127) + `}`, `{"x":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}`,
		`{"name":"` + strings.Repeat("long", 100_000) + `","total":1}`,
	}
	for _, doc := range docs {
		checkStream(t, doc)
	}
	for doc := range jsontest.Mutations([]byte(pageDocument), 12, 150) {
		checkStream(t, string(doc))
	}
}

// A document that ends or breaks off at any byte gives the error of the
// reader, or io.ErrUnexpectedEOF.
func TestStreamCut(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	for cut := range len(pageDocument) {
		doc := pageDocument[:cut]
		checkStream(t, doc)
		for name, reader := range readers {
			r := io.MultiReader(strings.NewReader(doc), iotest.ErrReader(broken))
			err := new(page).read(jsonpull.NewStream(reader(r), mebibyte))
			if !errors.Is(err, broken) {
				t.Errorf("cut at %d, %s: got %v, want the reader's error", cut, name, err)
			}
		}
	}
	whole := io.MultiReader(strings.NewReader(pageDocument), iotest.ErrReader(broken))
	if err := new(page).read(jsonpull.NewStream(whole, mebibyte)); !errors.Is(err, broken) {
		t.Errorf("after the end: got %v, want the reader's error", err)
	}
	var p page
	large := `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
	if err := p.read(jsonpull.NewStream(iotest.TimeoutReader(strings.NewReader(large)), 2*mebibyte)); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("got %v, want the reader's timeout", err)
	}
	if err := p.read(jsonpull.NewStream(idleReader{}, mebibyte)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want io.ErrNoProgress", err)
	}
}

// idleReader never has anything to say.
type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

func TestStreamMaxValue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		doc  string
		path string // of the value that is too large, "" if none is
	}{
		"largest values":   {`{"name":"345678","hits":[{"id":12},{"id":12}]}`, ""},
		"string":           {`{"name":"34567890"}`, "name"},
		"element":          {`{"hits":[{},{"id":123}]}`, "hits[1]"},
		"number":           {`{"total":1234567890}`, "total"},
		"number, at end":   {`{"total":1234567890`, "total"},
		"unknown":          {`{"x":[[[[[[]]]]]]}`, "x"},
		"key":              {`{"total":1,"234567890":1}`, "?"},
		"endless":          {`{"name":"` + strings.Repeat("x", 1<<20), "name"},
		"white space":      {`{"name":` + strings.Repeat(" ", 1<<20) + `""}`, ""},
		"many small ones":  {`{"hits":[` + strings.Repeat("{},", 100_000) + `{}]}`, ""},
		"object not taken": {`{"hits":{"id":123}}`, "hits"},
	}
	for name, test := range tests {
		for how, reader := range readers {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				err := new(page).read(jsonpull.NewStream(reader(strings.NewReader(test.doc)), 9))
				if test.path == "" {
					if err != nil {
						t.Errorf("got %v", err)
					}
					return
				}
				if !errors.Is(err, jsonpull.ErrLimit) {
					t.Fatalf("got %v, want an error for the limit", err)
				}
				if got := faultOf(t, err).Path; got != test.path && test.path != "?" {
					t.Errorf("got the path %q, want %q", got, test.path)
				}
			})
		}
	}
}

func TestStreamMaxValueOfNothing(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{0, -1} {
		if err := new(page).read(jsonpull.NewStream(strings.NewReader(`{"total":1}`), limit)); !errors.Is(err, jsonpull.ErrLimit) {
			t.Errorf("limit %d: got %v, want an error for the limit", limit, err)
		}
	}
}

func TestStreamSkipsWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	const doc = `{"a":{"x":[1,"]"]},"b":[{"y":1},2,[3]],"c":"}","d":null,"e":1}`
	for name, reader := range readers {
		var keys []string
		s := jsonpull.NewStream(reader(strings.NewReader(doc)), mebibyte)
		for obj := s.Object(); obj.Next(); {
			keys = append(keys, obj.Key())
			switch obj.Key() {
			case "b":
				for arr := s.Array(); arr.Next(); {
					keys = append(keys, "["+arr.Key()+"]")
				}
			case "d":
				s.Value(func(*jsonpull.Decoder) {}) // neither is it taken here
			}
		}
		want := []string{"a", "b", "[]", "[]", "[]", "c", "d", "e"}
		if diff := cmp.Diff(want, keys); diff != "" || s.End() != nil {
			t.Errorf("%s: got the error %v and (-want +got):\n%s", name, s.End(), diff)
		}
	}
	s := jsonpull.NewBufferedStream([]byte(`{"a":[1,{"b":tru}]}`))
	for obj := s.Object(); obj.Next(); {
		t.Logf("at %s", obj.Key())
	}
	if got := faultOf(t, s.End()); got != (fault{Path: "a", Offset: 13}) {
		t.Errorf("a value that was skipped: got the fault %+v", got)
	}
}

func TestStreamLoopAfterItsEnd(t *testing.T) {
	t.Parallel()
	s := jsonpull.NewBufferedStream([]byte(`{"a":1}`))
	obj := s.Object()
	for range 3 {
		obj.Next()
	}
	if obj.Next() || obj.Key() != "" || s.End() != nil {
		t.Errorf("got key %q, error %v", obj.Key(), s.End())
	}
	var zero jsonpull.StreamLoop
	if zero.Next() || zero.Key() != "" {
		t.Error("a loop that never began has members")
	}
}

func TestStreamTopLevelValue(t *testing.T) {
	t.Parallel()
	for name, reader := range readers {
		for _, doc := range []string{`12`, "\ufeff12", ` "12" `} {
			n := 0
			s := jsonpull.NewStream(reader(strings.NewReader(doc)), mebibyte)
			s.Value(func(d *jsonpull.Decoder) { n = d.Int() })
			if err := s.End(); err != nil || n != 12 {
				t.Errorf("%q %s: got %d and the error %v", doc, name, n, err)
			}
		}
		s := jsonpull.NewStream(reader(strings.NewReader(`[1,2]`)), mebibyte)
		sum := 0
		for arr := s.Array(); arr.Next(); {
			s.Value(func(d *jsonpull.Decoder) { sum += d.Int() })
		}
		if err := s.End(); err != nil || sum != 3 {
			t.Errorf("%s: got %d and the error %v", name, sum, err)
		}
	}
}

func TestStreamValueTwice(t *testing.T) {
	t.Parallel()
	s := jsonpull.NewBufferedStream([]byte(`{"a":1,"b":2}`))
	for obj := s.Object(); obj.Next(); {
		s.Skip()
		s.Skip()
	}
	if got := faultOf(t, s.End()); got.Offset != 6 {
		t.Errorf("got the fault %+v, want one at the comma", got)
	}
}

func TestStreamFail(t *testing.T) {
	t.Parallel()
	fault := errors.New("enough")
	s := jsonpull.NewBufferedStream([]byte(`{"a":[1,2]}`))
	for obj := s.Object(); obj.Next(); {
		for arr := s.Array(); arr.Next(); {
			s.Skip()
			s.Fail(fault)
			s.Fail(errors.New("another"))
		}
	}
	s.Value(func(*jsonpull.Decoder) { t.Error("a value was taken after a fault") })
	if err := s.End(); !errors.Is(err, fault) || err.Error() != "a[0] at offset 7: enough" {
		t.Errorf("got %v", err)
	}
}

func TestStreamDepth(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]bool{jsonpull.MaxDepth: true, jsonpull.MaxDepth + 1: false} {
		s := jsonpull.NewBufferedStream([]byte(strings.Repeat("[", depth) + strings.Repeat("]", depth)))
		var descend func()
		descend = func() {
			for arr := s.Array(); arr.Next(); {
				descend()
			}
		}
		descend()
		if err := s.End(); (err == nil) != want || err != nil && !errors.Is(err, jsonpull.ErrLimit) {
			t.Errorf("depth %d: got %v", depth, err)
		}
	}
}

func TestStreamSpend(t *testing.T) {
	t.Parallel()
	doc := []byte(`[` + strings.Repeat("0,", 100) + `0]`)
	read := func(s *jsonpull.Stream) error {
		for arr := s.Array(); arr.Next(); {
			s.Spend(mebibyte)
			s.Skip()
		}
		return s.End()
	}
	if err := read(jsonpull.NewBufferedStream(doc)); !errors.Is(err, jsonpull.ErrLimit) {
		t.Errorf("in memory: got %v, want an error for the limit", err)
	}
	if err := read(jsonpull.NewStream(strings.NewReader(string(doc)), mebibyte)); err != nil {
		t.Errorf("streamed: got %v; memory is bounded by the element there", err)
	}
}

// What a value returns does not change when the stream goes on.
func TestStreamValuesStay(t *testing.T) {
	t.Parallel()
	var doc strings.Builder
	doc.WriteString(`[`)
	for i := range 3000 {
		doc.WriteString(`{"text":"` + strconv.Itoa(i) + `","raw":[` + strconv.Itoa(i) + `]},`)
	}
	doc.WriteString(`{}]`)
	for name, open := range map[string]func(document []byte) *jsonpull.Stream{
		"streamed":  func(document []byte) *jsonpull.Stream { return jsonpull.NewStream(bytes.NewReader(document), mebibyte) },
		"in memory": jsonpull.NewBufferedStream,
	} {
		document := []byte(doc.String())
		s := open(document)
		var hits []hit
		for arr := s.Array(); arr.Next(); {
			var h hit
			s.Value(h.decode)
			hits = append(hits, h)
		}
		if s.End() != nil || len(hits) != 3001 {
			t.Fatalf("%s: %d hits, error %v", name, len(hits), s.End())
		}
		clear(document)
		for i, h := range hits[:3000] {
			if want := (hit{Text: strconv.Itoa(i), Raw: json.RawMessage(`[` + strconv.Itoa(i) + `]`)}); !cmp.Equal(want, h) {
				t.Fatalf("%s: hit %d became %+v", name, i, h)
			}
		}
	}
}

// TestLargestLimit: any limit may be set, also one that nothing can be added to.
func TestLargestLimit(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1<<20)
	for _, limit := range []int64{1<<31 - 1, 1 << 31, 1<<63 - 1} {
		var got string
		stream := jsonpull.NewStream(strings.NewReader(`"`+text+`"`), limit)
		stream.Value(func(d *jsonpull.Decoder) { got = d.String() })
		if err := stream.End(); err != nil || got != text {
			t.Errorf("a limit of %d: got %d bytes, %v", limit, len(got), err)
		}
	}
}
