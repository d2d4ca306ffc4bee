package jsonpull_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

func decodePage(t testing.TB, doc []byte) *page {
	t.Helper()
	return jsontest.Decodes[page](t, doc)
}

func TestVariants(t *testing.T) {
	t.Parallel()
	jsontest.Equivalent(t, []byte(pageDocument), decodePage, nil, nil)
}

// TestStreamOfVariants: what a Decoder takes or refuses, a stream does too,
// however it comes.
func TestStreamOfVariants(t *testing.T) {
	t.Parallel()
	const doc = `{"total":3,"name":"a\u00e4","hits":[{"id":1,"labels":["]"]},null],"next":{"x":[2,{}]},"flag":false}`
	for v := range jsontest.Variants([]byte(doc)) {
		if checkStream(t, string(v.Doc)); t.Failed() {
			t.Fatalf("%s: %q", v.Change, v.Path)
		}
	}
}

// TestStreamInPieces: wherever the pieces end in which a document arrives, it
// reads the same.
func TestStreamInPieces(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		pageDocument, "\ufeff\n" + pageDocument + " ", `{"hits":[{"id":1},{"id":"x"}]}`, `{"x":"\\\"","y":["\\",{"\"":"\\\\\""}],"total":12e1}`,
		`{"total":1}x`, `{"total":1,}`, `{"name":"a` + "\x01" + `"}`, `{"x":"\u12G4"}`, `{"total":-}`, `{"x":[truefalse]}`,
	} {
		var want page
		wantErr := want.read(jsonpull.NewStream(strings.NewReader(doc), mebibyte))
		for cut := range len(doc) {
			var got page
			pieces := jsontest.NewPieces([]byte(doc), io.EOF, cut%2 == 0, cut, cut+(len(doc)-cut)/5)
			err := got.read(jsonpull.NewStream(pieces, mebibyte))
			if diff := cmp.Diff(faultOf(t, wantErr), faultOf(t, err)); diff != "" {
				t.Errorf("%q cut at %d: the faults differ (-want +got):\n%s", doc, cut, diff)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q cut at %d: (-want +got):\n%s", doc, cut, diff)
			}
		}
	}
}

// TestTextsOfEveryLength: what is odd in a text or around a value is seen at
// every distance from where it begins, as texts may be looked at in words.
func TestTextsOfEveryLength(t *testing.T) {
	t.Parallel()
	odd := []string{
		"", `\"`, `\\`, `\\\"`, `\n`, `\u00e9`, `\ud83d\ude00`, `\ud83d`, `\ude00\ud83d`, `\x`, `\u12`, "é", "\U0001f600", "\u2028",
		"\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x00", "\x1f", "\x7f", "\x80", "\n", "]", "}", "{[", `"`, `",`, `":`, "\\",
	}
	for length := range 36 {
		filler := strings.Repeat("a", length)
		for _, special := range odd {
			text := `"` + filler + special + `"`
			longer := `"` + filler + special + "bcdefghi" + special + `j"`
			for _, doc := range []string{
				`{"name":` + text + `}`, `{"name":` + longer + `,"total":1}`, `{` + text + `:1,"total":2}`, `{"x":[` + longer + `,{` + text + `:` + text + `}]}`,
				`{"hits":[{"raw":` + longer + `,"at":` + text + `,"id":` + text + `}]}`,
			} {
				if jsontest.Decodes[page](t, []byte(doc)); t.Failed() {
					t.Fatalf("with the document %q", doc)
				}
			}
			if length < 18 {
				checkStream(t, `{"x":`+longer+`,"name":`+text+`}`)
			}
		}
	}
}

// TestSpaceAndNumbersOfEveryLength is the same for what stands between values,
// and for numbers.
func TestSpaceAndNumbersOfEveryLength(t *testing.T) {
	t.Parallel()
	for length := range 40 {
		for _, space := range []string{" ", "\n", "\t", "\r", "\v", "\x00", "\u00a0", "/"} {
			run := strings.Repeat(" ", length) + space
			doc := strings.ReplaceAll(`~{~"total"~:~1~,~"hits"~:~[~{~"id"~:~2~}~,~null~]~,~"x"~:~[~]~}~`, "~", run)
			if checkStream(t, doc); jsontest.Decodes[page](t, []byte(doc)) != nil != json.Valid([]byte(doc)) {
				t.Errorf("%q: accepted although it is not valid, or refused", doc)
			}
		}
		digits := strings.Repeat("1234567890", 4)[:length]
		for _, form := range []string{"1~", "-1~", "1~.5", "0.~1", "1~e2", "1e~", "0.1~e-~2", "0~", "1~.", "1~-", "1~a", `"1~"`, `"1~.0"`} {
			number := strings.ReplaceAll(form, "~", digits)
			doc := `{"total":` + number + `,"hits":[{"score":` + number + `,"text":` + number + `,"best":` + number + `,"raw":` + number + `}],"x":` + number + `}`
			jsontest.Decodes[page](t, []byte(doc))
			jsontest.Decodes[page](t, []byte(`{"hits":[{"score":`+number+`,"text":`+number+`,"best":`+number+`,"raw":`+number+`}],"x":`+number+`}`))
			if checkStream(t, doc); t.Failed() {
				t.Fatalf("with the number %q", number)
			}
		}
	}
}
