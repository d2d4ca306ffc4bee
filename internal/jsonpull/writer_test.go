package jsonpull_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, time.March, 5, 7, 11, 13, 250e6, time.FixedZone("", 3600))
	object := func(write func(*jsonpull.Writer)) func(*jsonpull.Writer) {
		return func(w *jsonpull.Writer) { w.Object(func() { write(w) }) }
	}
	tests := map[string]struct {
		write func(*jsonpull.Writer)
		want  string
	}{
		"nothing in it": {object(func(*jsonpull.Writer) {}), `{}`},
		"zero values": {object(func(w *jsonpull.Writer) {
			w.String("a", "")
			w.Int("b", 0)
			w.Float("c", 0)
			w.Bool("d", false)
			w.Time("e", time.Time{}, time.RFC3339)
			w.Raw("f", nil)
			w.Raw("g", json.RawMessage{})
			w.Strings("h", nil)
			w.Extra(nil)
			jsonpull.WriteList(w, "i", []int(nil), nil)
		}), `{}`},
		"zero values, asked for": {object(func(w *jsonpull.Writer) {
			w.StringAlways("a", "")
			w.IntAlways("b", 0)
			w.FloatAlways("c", 0)
			w.BoolAlways("d", false)
			w.Null("e")
		}), `{"a":"","b":0,"c":0,"d":false,"e":null}`},
		"values": {object(func(w *jsonpull.Writer) {
			w.String("a", "x")
			w.Int("b", math.MinInt64)
			w.Float("c", 12.5)
			w.Bool("d", true)
			w.Time("e", at, time.RFC3339Nano)
			w.Raw("f", json.RawMessage(` { "x" : [ 1 , "<" ] } `))
			w.Strings("g", []string{"a", "", "b"})
		}), `{"a":"x","b":-9223372036854775808,"c":12.5,"d":true,"e":"2031-03-05T07:11:13.25+01:00","f":{"x":[1,"<"]},"g":["a","","b"]}`},
		"layout":      {object(func(w *jsonpull.Writer) { w.Time("a", at.UTC(), "2006-01-02T15:04:05") }), `{"a":"2031-03-05T06:11:13"}`},
		"empty lists": {object(func(w *jsonpull.Writer) { w.Strings("a", []string{}); w.Int("b", 1) }), `{"a":[],"b":1}`},
		"nested": {object(func(w *jsonpull.Writer) {
			w.Key("a")
			w.Object(func() { w.Int("b", 1); w.Int("c", 2) })
			jsonpull.WriteList(w, "d", []int{3, 4}, func(n *int, w *jsonpull.Writer) {
				w.Object(func() { w.Int("e", int64(*n)) })
			})
			w.Int("f", 5)
		}), `{"a":{"b":1,"c":2},"d":[{"e":3},{"e":4}],"f":5}`},
		"text alone": {func(w *jsonpull.Writer) { w.Text("a") }, `"a"`},
		"extra, sorted": {object(func(w *jsonpull.Writer) {
			w.Int("m", 1)
			w.Extra(map[string]json.RawMessage{"z": json.RawMessage(`1`), "a": json.RawMessage(`[ ]`), "k": json.RawMessage(`null`), "none": nil})
		}), `{"m":1,"a":[],"k":null,"z":1}`},
		"strings": {
			func(w *jsonpull.Writer) {
				w.Text("\"\\/\b\f\n\r\t\x00\x1f\x7f<&>\u00e9\u2028\U0001f600 a\xffb\xed\xa0\x80\xc3")
			},
			`"\"\\/\u0008\u000c\n\r\t\u0000\u001f` + "\x7f<&>\u00e9\u2028\U0001f600 a\ufffdb\ufffd\ufffd\ufffd\ufffd" + `"`,
		},
		"keys": {object(func(w *jsonpull.Writer) { w.Int("a\"\n", 1) }), `{"a\"\n":1}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := jsonpull.Marshal(test.write)
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, error %v\nwant %s", got, err, test.want)
			}
			if !json.Valid(got) {
				t.Error("not valid JSON")
			}
		})
	}
}

func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		write func(*jsonpull.Writer)
		want  string
	}{
		"infinity":        {func(w *jsonpull.Writer) { w.Float("score", math.Inf(-1)) }, "score: -Inf cannot be written as JSON"},
		"no number":       {func(w *jsonpull.Writer) { w.FloatAlways("score", math.NaN()) }, "score: NaN cannot be written as JSON"},
		"late year":       {func(w *jsonpull.Writer) { w.Time("at", time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), time.RFC3339) }, "at: year 10000 cannot be written"},
		"early year":      {func(w *jsonpull.Writer) { w.Time("at", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.RFC3339) }, "at: year -1 cannot be written"},
		"raw":             {func(w *jsonpull.Writer) { w.Raw("raw", json.RawMessage(`{"Joan"`)) }, "raw: not valid JSON"},
		"raw of blanks":   {func(w *jsonpull.Writer) { w.Raw("raw", json.RawMessage(` `)) }, "raw: not valid JSON"},
		"two raw values":  {func(w *jsonpull.Writer) { w.Raw("raw", json.RawMessage(`1,"b":2`)) }, "raw: not valid JSON"},
		"extra":           {func(w *jsonpull.Writer) { w.Extra(map[string]json.RawMessage{"x": json.RawMessage(`Joan`)}) }, "x: not valid JSON"},
		"the first fault": {func(w *jsonpull.Writer) { w.Raw("a", json.RawMessage(`x`)); w.Raw("b", json.RawMessage(`x`)) }, "a: not valid JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := jsonpull.Marshal(func(w *jsonpull.Writer) { w.Object(func() { test.write(w) }) })
			if err == nil || err.Error() != test.want || got != nil {
				t.Errorf("got %q, error %v; want the error %s", got, err, test.want)
			}
		})
	}
}

// checkWriter writes what it is given in all ways and reads it back.
func checkWriter(t *testing.T, text string, n int64, f float64, at time.Time) {
	t.Helper()
	type record struct {
		Text  string          `json:"text"`
		N     int64           `json:"n"`
		F     float64         `json:"f"`
		At    time.Time       `json:"at"`
		List  []string        `json:"list"`
		Raw   json.RawMessage `json:"raw"`
		Yes   bool            `json:"yes"`
		Never bool            `json:"never"`
	}
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	year := at.Year()
	refused := math.IsInf(f, 0) || math.IsNaN(f) || year < 0 || year > 9999
	doc, err := jsonpull.Marshal(func(w *jsonpull.Writer) {
		w.Object(func() {
			w.StringAlways("text", text)
			w.IntAlways("n", n)
			w.FloatAlways("f", f)
			w.Time("at", at, time.RFC3339Nano)
			w.Strings("list", []string{text, text})
			w.Raw("raw", raw)
			w.BoolAlways("yes", true)
			w.BoolAlways("never", false)
			w.Extra(map[string]json.RawMessage{"extra " + text: raw})
		})
	})
	if (err != nil) != refused {
		t.Fatalf("got the error %v; want one: %v", err, refused)
	}
	if refused {
		return
	}
	if !json.Valid(doc) || !utf8.Valid(doc) {
		t.Fatal("not valid JSON in UTF-8")
	}
	var got record
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	want := string([]rune(text)) // U+FFFD for each byte that is not UTF-8
	switch {
	case got.Text != want || len(got.List) != 2 || got.List[0] != want || got.List[1] != want:
		t.Errorf("got the text %q, want %q", got.Text, want)
	case got.N != n:
		t.Errorf("got %d, want %d", got.N, n)
	case got.F != f || math.Signbit(got.F) != math.Signbit(f):
		t.Errorf("got %v, want %v", got.F, f)
	case !got.At.Equal(at):
		t.Errorf("got %v, want %v", got.At, at)
	case !bytes.Equal(got.Raw, raw):
		t.Errorf("got the raw text %s, want %s", got.Raw, raw)
	case !got.Yes || got.Never:
		t.Error("the bools changed")
	}
}

func TestWriterReadBack(t *testing.T) {
	t.Parallel()
	floats := []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1e-6, 9.99e-7, 1e-7, 1e20, 1e21, -1e21, 123456789012345680, 1.0 / 3,
		math.MaxFloat64, math.SmallestNonzeroFloat64, math.Nextafter(1, 2), math.Inf(1), math.NaN(),
	}
	for i, f := range floats {
		checkWriter(t, strings.Repeat("\u00e9\n", i), math.MaxInt64-int64(i), f, time.Unix(int64(i)*1e9, int64(i)).UTC())
	}
}
