package whippytest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// These were made by another program: HMAC-SHA256 of "1782979200.hello" and of
// "1782979200000.hello" with the keys k and l.
const (
	macK       = "s5Tk+WEgKfqWFPS7PQ9v8r+aDrA+n7acv44YtIVofjc"
	macKHex    = "b394e4f9612029fa9614f4bb3d0f6ff2bf9a0eb03e9fb69cbf8e18b485687e37"
	macL       = "gQFl0nLXIB6OdhZVWnDHzo/pFR7sRYYRzOGf7KHvWzU"
	macKMillis = "xw4lHo6CS8EAPDXwMHe0fpVj2rFdvY4KHvCb3BtDlKs"
)

func TestNewRequest(t *testing.T) {
	t.Parallel()
	at := whippytest.SignedAt(time.Unix(1782979200, 0))
	for name, test := range map[string]struct {
		opts []whippytest.RequestOption
		want string
	}{
		"plain":           {nil, "t=1782979200,v1=" + macK},
		"hex":             {[]whippytest.RequestOption{whippytest.EncodedAs(hex.EncodeToString)}, "t=1782979200,v1=" + macKHex},
		"two secrets":     {[]whippytest.RequestOption{whippytest.AlsoSignedWith("l")}, "t=1782979200,v1=" + macK + ",v1=" + macL},
		"signature first": {[]whippytest.RequestOption{whippytest.SignatureFirst()}, "v1=" + macK + ",t=1782979200"},
		"milliseconds":    {[]whippytest.RequestOption{whippytest.InMilliseconds()}, "t=1782979200000,v1=" + macKMillis},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := whippytest.NewRequest("k", []byte("hello"), append(test.opts, at)...)
			want := http.Header{"Content-Type": {"application/json"}, "X-Whippy-Signature": {test.want}}
			if diff := cmp.Diff(want, req.Header); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			got, err := io.ReadAll(req.Body)
			if err != nil || string(got) != "hello" || req.ContentLength != 5 || req.Method != http.MethodPost || req.URL.Host != "receiver.test" {
				t.Errorf("got %q, %v and %s of %s with length %d", got, err, req.Method, req.URL, req.ContentLength)
			}
		})
	}
}

func TestRequestFaults(t *testing.T) {
	t.Parallel()
	t.Run("gzipped", func(t *testing.T) {
		t.Parallel()
		req := whippytest.NewRequest("k", []byte("hello"), whippytest.Gzipped())
		body, err := gzip.NewReader(req.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != "hello" || req.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	for name, test := range map[string]struct {
		after int
		want  string
	}{"cut": {2, "he"}, "cut at once": {0, ""}, "cut at the end": {9, "hello"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := whippytest.NewRequest("k", []byte("hello"), whippytest.CutAfter(test.after))
			if got, err := io.ReadAll(req.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(got) != test.want || req.ContentLength != 5 {
				t.Errorf("got %q, %v of %d bytes", got, err, req.ContentLength)
			}
		})
	}
	t.Run("a bad URL", func(t *testing.T) {
		t.Parallel()
		defer func() {
			if text, _ := recover().(string); text != "whippytest: NewRequest: the URL cannot be read" {
				t.Errorf("got panic %q", text)
			}
		}()
		whippytest.NewRequest("k", nil, whippytest.To("::"))
	})
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []int
		within  time.Duration
		want    []int
		took    time.Duration
	}{
		"taken":          {[]int{200}, time.Hour, []int{200}, 0},
		"taken silently": {[]int{204}, time.Hour, []int{204}, 0},
		"taken later":    {[]int{500, 503, 200}, time.Hour, []int{500, 503, 200}, 3 * time.Second},
		"never taken":    {[]int{400, 302, 500, 200}, time.Hour, []int{400, 302, 500}, 3 * time.Second},
		"not waited for": {[]int{500, 200}, time.Second / 2, []int{500}, time.Second / 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.within)
				defer cancel()
				n := 0
				v, err := whippy.NewVerifier([]string{"k"}, whippy.WithTolerance(time.Nanosecond))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				got := whippytest.Deliver(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, err := io.ReadAll(r.Body)
					if time.Since(began)%time.Second == 0 { // signed anew, in whole seconds
						err = errors.Join(err, v.Verify(r.Header, body))
					}
					if err != nil {
						t.Error(err)
					}
					w.WriteHeader(test.answers[n])
					n++
				}), "k", []byte("hello"))
				if diff := cmp.Diff(test.want, got); diff != "" || time.Since(began) != test.took {
					t.Errorf("took %v, want %v; (-want +got):\n%s", time.Since(began), test.took, diff)
				}
			})
		})
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	edit := func(e *whippy.Event, m *whippy.Message) { e.RequestID, m.Body = "r-1", "Edited." }
	for kind, build := range map[whippy.EventType]func(...whippytest.MessageEdit) []byte{
		whippy.EventMessageCreated: whippytest.MessageCreated,
		whippy.EventMessageUpdated: whippytest.MessageUpdated,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			var envelope struct {
				Data map[string]json.RawMessage `json:"data"`
			}
			decode(t, build(), &envelope)
			checkMembers(t, envelope.Data, "attachments body campaign_contact_id campaign_id channel_id contact_id conversation_id "+
				"created_at delivery_status direction from id language mode sequence_id step_contact_id step_id to "+
				"translated_body translation_language type updated_at user_id")
			event := parse(t, build(edit))
			message, ok := event.Data.(*whippy.Message)
			if !ok || event.Type != kind || event.RequestID != "r-1" || message.Body != "Edited." || message.Type != whippy.MessageTypeSMS {
				t.Errorf("got %+v", event)
			}
		})
	}
	if !bytes.Contains(whippytest.MessageUpdated(), []byte(`"user_id":42,`)) {
		t.Error("the id of a user is no number")
	}
}

// There is a sample of every type that package whippy knows, which is an object with
// more than an id, and one with nothing else of a type that it does not.
func TestSample(t *testing.T) {
	t.Parallel()
	for kinds, want := range map[string]whippy.Data{
		"call.started call.ended call.analyzed": &whippy.Call{},
		"message.created message.updated":       &whippy.Message{},
		"conversation.created conversation.updated contact.created contact.updated campaign.created campaign.updated lead.new " +
			"message_template.created message_template.updated message_template.deleted sequence.created sequence.updated " +
			"step.created step.updated step_contact.created step_contact.updated sequence_run.created sequence_run.updated": &whippy.Unknown{},
		"audit.exported ping": nil,
	} {
		for kind := range strings.FieldsSeq(kinds) {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				payload := whippytest.Sample(whippy.EventType(kind))
				event := parse(t, payload)
				var envelope struct {
					Data map[string]json.RawMessage `json:"data"`
				}
				decode(t, payload, &envelope)
				wanted := want
				if want == nil {
					wanted = &whippy.Unknown{}
				}
				if string(event.Type) != kind || (len(envelope.Data) == 1) != (want == nil) || !sameType(wanted, event.Data) {
					t.Errorf("got %s", payload)
				}
			})
		}
	}
}

func sameType(a, b whippy.Data) bool {
	switch a.(type) {
	case *whippy.Call:
		_, ok := b.(*whippy.Call)
		return ok
	case *whippy.Message:
		_, ok := b.(*whippy.Message)
		return ok
	default:
		_, ok := b.(*whippy.Unknown)
		return ok
	}
}
