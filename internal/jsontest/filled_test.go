package jsontest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

func TestFilled(t *testing.T) {
	t.Parallel()
	type tree struct {
		Name string  `json:"name"`
		Left *tree   `json:"left"`
		Kids []tree  `json:"kids"`
		Refs []*tree `json:"refs"`
	}
	type all struct {
		Text  string               `json:"text"`
		Bool  bool                 `json:"bool"`
		Int   int8                 `json:"int"`
		Uint  uint                 `json:"uint"`
		Float float64              `json:"float"`
		At    time.Time            `json:"at"`
		Raw   json.RawMessage      `json:"raw"`
		Any   any                  `json:"any"`
		Close interface{ Close() } `json:"close"`
		List  []string             `json:"list"`
		Pair  [2]int               `json:"pair"`
		Map   map[string]*int      `json:"map"`
		Tree  tree                 `json:"tree"`
		Extra map[string]any       `json:"-"`
		Bare  string
	}
	three := 13
	want := &all{
		Text: "text 1", Bool: true, Int: 2, Uint: 3, Float: 4.25,
		At: time.Date(2031, time.March, 5, 7, 11, 5, 250e6, time.UTC), Raw: json.RawMessage(`{"raw":6}`),
		Any: "text 7", List: []string{"text 8", "text 9"}, Pair: [2]int{10, 11}, Map: map[string]*int{"text 12": &three},
		Tree: tree{Name: "text 14", Refs: []*tree{nil, nil}},
	}
	if diff := cmp.Diff(want, jsontest.Filled[all]()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type (
	forgetsToRead  struct{}
	forgetsToWrite struct{}
	otherName      struct{}
	refusesPlain   struct{}
	forgetsExtra   struct{}
)

func (forgetsToRead) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error { c.Missed = false; return err }}
}

func (forgetsToWrite) flaw() flaw {
	return flaw{encode: func(_ *Call, text []byte, err error) ([]byte, error) {
		return bytes.Replace(text, []byte(`"missed":true,`), nil, 1), err
	}}
}

func (otherName) flaw() flaw {
	return flaw{
		decode: func(c *Call, err error) error { c.Missed = c.Missed || c.Extra["Missed"] != nil; return err },
		encode: func(_ *Call, text []byte, err error) ([]byte, error) {
			return bytes.Replace(text, []byte(`"missed"`), []byte(`"Missed"`), 1), err
		},
	}
}

func (refusesPlain) flaw() flaw {
	return flaw{decode: func(*Call, error) error {
		return &callinsights.DecodeError{Err: errors.New("no")}
	}}
}

func (forgetsExtra) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error {
		for _, s := range c.Speakers {
			s.Extra = nil
		}
		return err
	}}
}

func TestNoFieldForgotten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		check func(*recorder)
		want  []string
	}{
		"sound":             {func(t *recorder) { jsontest.NoFieldForgotten[Call](t) }, nil},
		"not read":          {noField[forgetsToRead], []string{"differs from encoding/json"}},
		"not written":       {noField[forgetsToWrite], []string{"the documents differ"}},
		"another name":      {noField[otherName], []string{"the documents differ"}},
		"plain refused":     {noField[refusesPlain], []string{"does not decode its plain copy"}},
		"extra lost":        {noField[forgetsExtra], []string{"changes when it is encoded"}},
		"does not encode":   {noField[encodeFails], []string{"cannot"}},
		"excepted":          {func(t *recorder) { jsontest.NoFieldForgotten[flawed[forgetsToRead]](t, "Missed") }, nil},
		"no such exception": {func(t *recorder) { jsontest.NoFieldForgotten[Call](t, "Mised") }, []string{"no field is called Mised"}},
		"not encodable": {
			func(t *recorder) { jsontest.NoFieldForgotten[uncertain](t) }, []string{"encoding the plain copy"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, failuresOf(t, test.check), test.want...)
		})
	}
}

func noField[F interface{ flaw() flaw }](t *recorder) {
	jsontest.NoFieldForgotten[flawed[F]](t)
}

// uncertain has a field that encoding/json cannot write.
type uncertain struct {
	Done chan int `json:"done"`
}

func (*uncertain) UnmarshalJSON([]byte) error { return nil }
