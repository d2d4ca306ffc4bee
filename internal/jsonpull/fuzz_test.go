package jsonpull_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

var fuzzSeeds = []string{
	pageDocument, `{}`, `null`, "\ufeff{}", `{"hits":[{"id":"1.0","score":"2","final":1,"at":"2031-03-05 07:11"}]}`,
	`{"name":"\ud83d\ude00\ud800\u0041","hits":[null,{"labels":[1,true]}],"Hits":1,"total":1e3}`, `{"x":[1}`, `[{"a":"\u12"}]`,
}

func FuzzDecode(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		jsontest.Decodes[page](t, doc)
		err := jsonpull.Parse(string(doc), walk)
		checkFault(t, string(doc), err)
		if valid := json.Valid([]byte(strings.TrimPrefix(string(doc), "\ufeff"))); err == nil && !valid {
			t.Error("accepted what is not JSON")
		}
	})
}

func FuzzStream(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Fuzz(checkStream)
}

func FuzzWriter(f *testing.F) {
	f.Add("", int64(0), 0.0, int64(0), int64(0))
	f.Add("a\xff\"\\\n\u2028<\U0001f600", int64(math.MinInt64), 1e-7, int64(1e9), int64(1))
	f.Add("\x7f\xed\xa0\x80", int64(1), math.Inf(1), int64(-1e12), int64(-1))
	f.Fuzz(func(t *testing.T, text string, n int64, x float64, seconds, nanoseconds int64) {
		checkWriter(t, text, n, x, time.Unix(seconds, nanoseconds).UTC())
	})
}

// What encoding/json takes for a time is taken as the same one, and whatever
// is taken can be written and read again.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2031-03-05T07:11:13Z", "2031-03-05t07:11:13.123456789z", "2031-03-05 07:11:13+0100", "2031-03-05", "2031-03-05T07:11",
		"9999-12-31T23:59:59.999999999-23:59", "0000-01-01T00:00:00+23:59", "2031-02-29T00:00:00Z", "2031-03-05T24:00:00,5+01",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := jsonpull.ParseTime(text)
		var want time.Time
		if want.UnmarshalText([]byte(text)) == nil && (!ok || !got.Equal(want)) {
			t.Errorf("got %v, %v; encoding/json takes it as %v", got, ok, want)
		}
		if !ok {
			return
		}
		again, ok := jsonpull.ParseTime(got.Format(time.RFC3339Nano))
		if !ok || !again.Equal(got) {
			t.Errorf("got %v, %v when read again; want %v", again, ok, got)
		}
	})
}
