package opaque_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/callinsights/callinsights-go/internal/opaque"
)

const secret = "xyzzy-plugh"

// forms are what the secret would look like in the output of some verb.
var forms = []string{secret, strings.ToUpper(secret), "78797a7a79", "78797A7A79", "120 121 122", "eHl6enk", "170 171 172", "0x78, 0x79"}

func checkHidden(t *testing.T, what, output string) {
	t.Helper()
	for _, form := range forms {
		if strings.Contains(output, form) {
			t.Errorf("%s shows the secret", what)
		}
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	if got := opaque.NewSecret(secret).Reveal(); got != secret {
		t.Error("Secret.Reveal returns something else")
	}
	if got := opaque.NewBytes([]byte(secret)).Reveal(); string(got) != secret {
		t.Error("Bytes.Reveal returns something else")
	}
	data := []byte(secret)
	b := opaque.NewBytes(data)
	clear(data)
	clear(b.Reveal())
	if string(b.Reveal()) != secret {
		t.Error("Bytes does not hold a copy of its own")
	}
	if got := opaque.NewBytes(nil).Reveal(); got != nil {
		t.Errorf("no Bytes reveal %q", got)
	}
	if got := (opaque.Secret{}).Reveal(); got != "" {
		t.Errorf("the zero Secret reveals %q", got)
	}
	if got := (opaque.Bytes{}).Reveal(); got != nil {
		t.Errorf("the zero Bytes reveals %q", got)
	}
}

// holder is somebody else's struct, in whose unexported fields fmt calls no
// methods.
type holder struct {
	secret opaque.Secret
	bytes  opaque.Bytes
	inside struct{ secret *opaque.Secret }
	list   []opaque.Bytes
	table  map[string]opaque.Secret
	any    any
}

func TestNothingShows(t *testing.T) {
	t.Parallel()
	s, b := opaque.NewSecret(secret), opaque.NewBytes([]byte(secret))
	h := holder{secret: s, bytes: b, list: []opaque.Bytes{b}, table: map[string]opaque.Secret{"k": s}, any: s}
	h.inside.secret = &s
	values := map[string]any{
		"secret": s, "pointer to secret": &s, "bytes": b, "pointer to bytes": &b,
		"struct": h, "pointer to struct": &h, "list": []any{s, b, h}, "map": map[opaque.Secret]opaque.Bytes{s: b},
		"exported fields": struct {
			S opaque.Secret
			B *opaque.Bytes
		}{s, &b},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range "vsqxXdobcUeEfFgGtpTw" {
				for _, flag := range []string{"", "+", "#", " ", "-30.5", "# ", "0"} {
					format := "%" + flag + string(verb)
					checkHidden(t, format, fmt.Sprintf(format, v))
				}
			}
			checkHidden(t, "Sprint", fmt.Sprint(v))
			checkHidden(t, "an error", fmt.Errorf("failed: %v", v).Error())
			if document, err := json.Marshal(v); err == nil {
				checkHidden(t, "JSON", string(document))
			}
			if document, err := xml.Marshal(v); err == nil {
				checkHidden(t, "XML", string(document))
			}
			var log bytes.Buffer
			for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
				slog.New(handler).Info("message", slog.Any("value", v), slog.Group("group", slog.Any("value", v)))
			}
			checkHidden(t, "slog", log.String())
		})
	}
}

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	want := "REDACTED"
	for _, v := range []any{opaque.NewSecret(secret), opaque.NewBytes([]byte(secret)), opaque.Secret{}, opaque.Bytes{}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(format, v); got != want {
				t.Errorf("%T with %s: got %s, want %s", v, format, got, want)
			}
		}
		if document, err := json.Marshal(v); err != nil || string(document) != `"`+want+`"` {
			t.Errorf("%T: got the JSON %s, error %v", v, document, err)
		}
		if got := slog.AnyValue(v).Resolve().String(); got != want {
			t.Errorf("%T: got the log value %s", v, got)
		}
	}
}
