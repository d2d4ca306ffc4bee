package callinsights_test

import (
	"bytes"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/faultserver"
)

// defaultLimit is that of an answer, unless WithMaxResponseBytes is used.
const defaultLimit = 32 << 20

// Whatever comes, a call ends in a typed error before it has taken twice the
// limit of an answer. What is measured is all that was allocated, which is more
// than was ever held at once.
func TestMemoryIsBounded(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	const text = `{"total":1,"hits":[{"id":"`
	bomb := faultserver.Bomb(1024)
	million := func(before, key, after string) func(*faultserver.Exchange) bool {
		body := before + faultserver.Million(key) + after
		return func(x *faultserver.Exchange) bool { return x.Reply(http.StatusOK, body) }
	}
	endless := func(first string, of byte) func(*faultserver.Exchange) bool {
		return func(x *faultserver.Exchange) bool {
			x.Endless(first, bytes.Repeat([]byte{of}, 64<<10))
			return false
		}
	}
	deep := `{"odd":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}"
	for _, tt := range []struct { //nolint:paralleltest // as above
		name string
		only []string // operations; all but the login if empty
		body func(*faultserver.Exchange) bool
	}{
		{name: "a gzip bomb of 1 GiB", body: func(x *faultserver.Exchange) bool {
			return x.Reply(http.StatusOK, bomb, "Content-Encoding: gzip")
		}},
		{name: "64 MiB", body: func(x *faultserver.Exchange) bool {
			x.Head(http.StatusOK, "Content-Length: 67108864")
			for more := x.Write(text); more; {
				more = x.Send(bytes.Repeat([]byte("x"), 64<<10))
			}
			return false
		}},
		{name: "an endless text", body: endless(text, 'x')},
		{name: "an endless key", body: endless(`{"`, 'x')},
		{name: "an endless number", body: endless(`{"total":1`, '1')},
		{
			name: "10,001 levels", only: []string{"RecordingInsights", "SessionInsights", "Search", "SearchPage", "Session", "FindSession"},
			body: func(x *faultserver.Exchange) bool { return x.Reply(http.StatusOK, deep) },
		},
		{name: "a million utterances", only: []string{"RecordingInsights"}, body: million(`{"insights":{`, "Transcript", "}}")},
		{name: "a million speakers", only: []string{"RecordingInsights"}, body: million("{", "speakerInfo", "}")},
		{name: "a million recordings", only: []string{"SessionInsights"}, body: million("{", "records", "}")},
		{name: "a million sessions", only: []string{"Search", "SearchPage"}, body: million(`{"total":1,`, "hits", "}")},
		{name: "a million steps", only: []string{"Session", "FindSession"}, body: million(`{"id":"s-1",`, "flow_path", "}")},
		{name: "a million utterances", only: []string{"Session", "FindSession"}, body: million(`{"id":"s-1",`, "transcription", "}")},
	} {
		for _, o := range operations() {
			if o.name == "Token" || len(tt.only) > 0 && !slices.Contains(tt.only, o.name) {
				continue
			}
			t.Run(tt.name+"/"+o.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "http://localhost:8080")
					if err := o.before(t.Context(), r); err != nil {
						t.Fatal(err)
					}
					r.befall(o, faultserver.Fault{Answer: func(x *faultserver.Exchange, _ int, _ string) bool { return tt.body(x) }})
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					err := o.run(t.Context(), r)
					runtime.ReadMemStats(&after)
					if o.use == ignored && err != nil || o.use != ignored && !errors.Is(err, callinsights.ErrInvalidResponse) {
						t.Errorf("err = %v, want ErrInvalidResponse, or none where the body is ignored", err)
					}
					// A buffer for one element that doubles adds up to more than it holds.
					most := map[bool]uint64{false: 2 * defaultLimit, true: 5 * defaultLimit}[o.use == streamed]
					taken := after.TotalAlloc - before.TotalAlloc
					if t.Logf("%.1f MiB", float64(taken)/(1<<20)); taken >= most {
						t.Errorf("%d MiB allocated, want less than %d", taken>>20, most>>20)
					}
				})
			})
		}
	}
}
