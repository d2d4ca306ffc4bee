package whippy_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/whippy"
)

func TestUnknownDecode(t *testing.T) {
	t.Parallel()
	doc := strings.Replace(string(golden(t, "message.created.json")), "message.created", "note.created", 1)
	event := parse(t, doc)
	unknown, ok := event.Data.(*whippy.Unknown)
	if !ok {
		t.Fatalf("got data of type %T; want a *whippy.Unknown", event.Data)
	}

	t.Run("into an own type", func(t *testing.T) {
		t.Parallel()
		var message struct {
			Body string `json:"body"`
		}
		if err := unknown.Decode(&message); err != nil || message.Body != "See you on Friday." {
			t.Errorf("got %+v, %v", message, err)
		}
	})
	t.Run("into a call", func(t *testing.T) {
		t.Parallel()
		var call whippy.Call
		if err := unknown.Decode(&call); err != nil || call.From != "+13125550162" || call.Type != "" || call.Metadata != nil {
			t.Errorf("got %+v, %v", call, err)
		}
	})

	failures := map[string]struct {
		into any
		want string
	}{
		"field of another type": {
			new(struct {
				From int `json:"from"`
			}), "whippy: Unknown.Decode: from at offset ",
		},
		"another type altogether": {new([]string), "whippy: Unknown.Decode: the value at offset "},
		"a type with a decoder of its own": {
			new(struct {
				Body slog.Level `json:"body"`
			}), "whippy: Unknown.Decode: the data does not fit *struct {",
		},
		"no pointer": {whippy.Call{}, "whippy: Unknown.Decode: the data does not fit whippy.Call"},
		"nil":        {nil, "whippy: Unknown.Decode: the data does not fit <nil>"},
	}
	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := unknown.Decode(test.into)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Fatalf("got %v; want %s...", err, test.want)
			}
			if strings.Contains(err.Error(), "Friday") || strings.Contains(err.Error(), "5550162") {
				t.Errorf("the error quotes the data: %v", err)
			}
		})
	}
	t.Run("cause", func(t *testing.T) {
		t.Parallel()
		err := unknown.Decode(new(int))
		if cause, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok || cause.Value != "object" {
			t.Errorf("got %v; want an UnmarshalTypeError as its cause", err)
		}
	})
}

func TestUnknownAsJSON(t *testing.T) {
	t.Parallel()
	type record struct {
		Data whippy.Unknown `json:"data"`
	}
	var r record
	doc := []byte(`{"data":{"a": [1]}}`)
	if err := json.Unmarshal(doc, &r); err != nil {
		t.Fatal(err)
	}
	clear(doc)
	if err := json.Unmarshal([]byte(`{"data":null}`), &r); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(r); err != nil || string(got) != `{"data":{"a":[1]}}` {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := json.Marshal(record{}); err != nil || string(got) != `{"data":null}` {
		t.Errorf("empty: got %s, %v", got, err)
	}
}
