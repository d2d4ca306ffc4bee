package transport_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// url.JoinPath lets a segment of ".." climb, also an escaped one, and turns an
// empty one into the collection: a DELETE would hit all of it.
func TestPathSegments(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		segment string
		want    string
		fault   string
	}{
		"plain":                {segment: "4711", want: "4711"},
		"tilde stays":          {segment: "~", want: "~"},
		"a meeting's id":       {segment: "!abc@x", want: "%21abc@x"},
		"climbing":             {segment: "../../admin", want: "..%2F..%2Fadmin"},
		"slash":                {segment: "a/b", want: "a%2Fb"},
		"escaped slash":        {segment: "%2f", want: "%252f"},
		"escaped dots":         {segment: "%2e%2e", want: "%252e%252e"},
		"query":                {segment: "a?x=1", want: "a%3Fx=1"},
		"fragment":             {segment: "a#f", want: "a%23f"},
		"another host":         {segment: "@evil.test/", want: "@evil.test%2F"},
		"two slashes":          {segment: "//evil.test/x", want: "%2F%2Fevil.test%2Fx"},
		"space":                {segment: "a b", want: "a%20b"},
		"three dots":           {segment: "...", want: "..."},
		"letters":              {segment: "\u00e4", want: "%C3%A4"},
		"as long as it may be": {segment: strings.Repeat("x", 512), want: strings.Repeat("x", 512)},
		"empty":                {segment: "", fault: "is empty"},
		"dot":                  {segment: ".", fault: "is a dot segment, which would lead to another resource"},
		"two dots":             {segment: "..", fault: "is a dot segment, which would lead to another resource"},
		"newline":              {segment: "a\nb", fault: "holds a control character"},
		"NUL":                  {segment: "a\x00", fault: "holds a control character"},
		"DEL":                  {segment: "a\x7f", fault: "holds a control character"},
		"C1":                   {segment: "a\u0085", fault: "holds a control character"},
		"not UTF-8":            {segment: "a\xff", fault: "is not valid UTF-8"},
		"too long":             {segment: strings.Repeat("x", 513), fault: "is longer than 512 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := always(200, "{}")
			err := pipeline(t, m, transport.Vendor{}).Call(t.Context(), get("things", tt.segment), ignore)
			if tt.fault == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got := m.got[0].URL.RequestURI(); got != "/base/things/"+tt.want {
					t.Errorf("requested %s, want /base/things/%s", got, tt.want)
				}
				return
			}
			e := asError(t, err)
			want := `vendor: Thing: the id after "things" in the path ` + tt.fault
			if e.Error() != want || !errors.Is(err, callinsights.ErrInvalidRequest) || e.Attempts != 0 || e.Method != "" {
				t.Errorf("err = %v, want %q", err, want)
			}
			if len(m.got) != 0 {
				t.Error("something was sent")
			}
		})
	}
}

// A segment that is accepted arrives as it is, in its place.
func FuzzPathSegments(f *testing.F) {
	for _, seed := range []string{"", "..", "a/b", "%2e", "a?b#c", "\xff", "~!@$&'()*+,;=:", "\u202e"} {
		f.Add(seed, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		m := always(200, "{}")
		if err := pipeline(t, m, transport.Vendor{}).Call(t.Context(), get(a, b), ignore); err != nil {
			if len(m.got) != 0 || !errors.Is(err, callinsights.ErrInvalidRequest) {
				t.Errorf("err = %v, %d requests", err, len(m.got))
			}
			return
		}
		u := m.got[0].URL
		parsed, err := url.ParseRequestURI(u.RequestURI())
		if err != nil || parsed.RawQuery != "" || parsed.Fragment != "" || u.Host != "service.test" {
			t.Fatalf("%q, %q lead to %s: %v", a, b, u, err)
		}
		parts := strings.Split(parsed.EscapedPath(), "/")
		if len(parts) != 4 || parts[1] != "base" {
			t.Fatalf("%q, %q lead to %s", a, b, u)
		}
		for i, want := range []string{a, b} {
			if got, err := url.PathUnescape(parts[i+2]); err != nil || got != want || got == "" || got == ".." {
				t.Errorf("segment %d is %q, want %q", i, got, want)
			}
		}
	})
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ query, fault string }{
		"none":    {},
		"encoded": {query: "filter_by=%7B%22must%22%3A%5B%5D%7D&page_size=10"},
		"space":   {query: "a=b c", fault: "byte 3 of the query is not percent-encoded"},
		"newline": {query: "a\r\n", fault: "byte 1 of the query is not percent-encoded"},
		"hash":    {query: "a=#", fault: "byte 2 of the query is not percent-encoded"},
		"letters": {query: "\u00e4", fault: "byte 0 of the query is not percent-encoded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := always(200, "{}")
			r := get("thing")
			r.Query = tt.query
			err := pipeline(t, m, transport.Vendor{}).Call(t.Context(), r, ignore)
			if tt.fault != "" {
				if err == nil || !strings.HasSuffix(err.Error(), tt.fault) || len(m.got) != 0 {
					t.Errorf("err = %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil || m.got[0].URL.RawQuery != tt.query {
				t.Errorf("err = %v", err)
			}
		})
	}
}
