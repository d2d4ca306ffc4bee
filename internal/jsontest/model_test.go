package jsontest_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Call is a sound model with a field of each sort that the models have.
type Call struct {
	Base

	Direction direction                  `json:"direction"`
	Missed    bool                       `json:"missed,omitempty"`
	Length    *float64                   `json:"length"`
	Speakers  []*Speaker                 `json:"speakers"`
	Tags      []string                   `json:"tags"`
	Params    map[string]json.RawMessage `json:"params"`
	Analysis  json.RawMessage            `json:"analysis"`
	Extra     map[string]json.RawMessage `json:"-"`

	raw  string
	flaw flaw
}

type direction string

// Base is embedded, so its fields are those of the model.
type Base struct {
	ID        int       `json:"id"`
	StartedAt time.Time `json:"started_at"`
}

// Speaker is a model inside of another.
type Speaker struct {
	Name  string                     `json:"name"`
	Extra map[string]json.RawMessage `json:"-"`
}

func (s *Speaker) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "name":
			s.Name = d.String()
		default:
			s.Extra = obj.Keep(s.Extra)
		}
	}
}

func (c *Call) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			c.ID = d.Int()
		case "started_at":
			c.StartedAt = d.Time()
		case "direction":
			c.Direction = direction(d.String())
		case "missed":
			c.Missed = d.Bool()
		case "length":
			if c.Length = nil; !d.Null() {
				c.Length = new(d.Float64())
			}
		case "speakers":
			c.Speakers = jsonpull.Pointers(d, (*Speaker).decode)
		case "tags":
			c.Tags = d.Strings()
		case "params":
			if c.Params = nil; d.Kind() == '{' {
				c.Params = map[string]json.RawMessage{}
			}
			for obj := d.Object(); obj.Next(); {
				c.Params = obj.Keep(c.Params)
			}
		case "analysis":
			c.Analysis = d.RawMessage()
		default:
			c.Extra = obj.Keep(c.Extra)
		}
	}
}

func (c *Call) UnmarshalJSON(doc []byte) error {
	c.raw = string(doc)
	err := jsonpull.ParseObject(c.raw, c.decode)
	if c.flaw.decode != nil {
		err = c.flaw.decode(c, err)
	}
	return err
}

func (c *Call) MarshalJSON() ([]byte, error) {
	text, err := jsonpull.Marshal(func(w *jsonpull.Writer) {
		w.Object(func() {
			w.Int("id", int64(c.ID))
			w.Time("started_at", c.StartedAt, time.RFC3339Nano)
			w.String("direction", string(c.Direction))
			w.Bool("missed", c.Missed)
			if c.Length != nil {
				w.FloatAlways("length", *c.Length)
			}
			jsonpull.WriteList(w, "speakers", c.Speakers, func(s **Speaker, w *jsonpull.Writer) {
				w.Object(func() {
					w.String("name", (*s).Name)
					w.Extra((*s).Extra)
				})
			})
			w.Strings("tags", c.Tags)
			if c.Params != nil {
				w.Key("params")
				w.Object(func() { w.Extra(c.Params) })
			}
			w.Raw("analysis", c.Analysis)
			w.Extra(c.Extra)
		})
	})
	if c.flaw.encode != nil {
		text, err = c.flaw.encode(c, text, err)
	}
	return text, err
}

// flaw is what makes a sound model a bad one.
type flaw struct {
	decode func(*Call, error) error
	encode func(*Call, []byte, error) ([]byte, error)
}

// flawed makes the methods of a model that embeds Call and has a flaw.
type flawed[F interface{ flaw() flaw }] struct {
	Call
}

func (f *flawed[F]) UnmarshalJSON(doc []byte) error {
	var kind F
	f.flaw = kind.flaw()
	return f.Call.UnmarshalJSON(doc)
}

func (f *flawed[F]) MarshalJSON() ([]byte, error) {
	var kind F
	f.flaw = kind.flaw()
	return f.Call.MarshalJSON()
}

// recorder is a testing.TB that keeps what would fail the test.
type recorder struct {
	testing.TB

	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Error(args ...any) { r.Errorf("%s", fmt.Sprint(args...)) }

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

func (r *recorder) Failed() bool { return len(r.failures) > 0 }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failuresOf runs check and returns what it would fail with.
func failuresOf(t *testing.T, check func(*recorder)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(r)
	}()
	<-done
	return strings.Join(r.failures, "\n")
}

// wantFailure fails the test unless got holds each of want, or is empty where
// want is.
func wantFailure(t *testing.T, got string, want ...string) {
	t.Helper()
	if len(want) == 0 && got != "" {
		t.Errorf("got the failure %s; want none", got)
	}
	for _, want := range want {
		if !strings.Contains(got, want) {
			t.Errorf("got the failure %q; want it to say %q", got, want)
		}
	}
}
