package vonageinsights_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

func TestPageJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		doc  string
		want vonageinsights.Page
	}{
		"texts":     {`{"total":1,"hits":[{"id":"a"}],"page_size":"10","page_number":"3"}`, vonageinsights.Page{Total: 1, PageSize: 10, PageNumber: 3, Sessions: []*vonageinsights.Session{{ID: "a"}}}},
		"numbers":   {`{"page_number":3,"page_size":10,"hits":[],"total":0}`, vonageinsights.Page{PageSize: 10, PageNumber: 3, Sessions: []*vonageinsights.Session{}}},
		"null hit":  {`{"hits":[null]}`, vonageinsights.Page{Sessions: []*vonageinsights.Session{{}}}},
		"no hits":   {`{"total":3}`, vonageinsights.Page{Total: 3}},
		"null":      {`null`, vonageinsights.Page{}},
		"an object": {"\ufeff{}", vonageinsights.Page{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got vonageinsights.Page
			if err := got.UnmarshalJSON([]byte(test.doc)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(vonageinsights.Session{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			jsontest.RoundTrip(t, &got)
		})
	}
	t.Run("every field", func(t *testing.T) {
		t.Parallel()
		jsontest.NoFieldForgotten[vonageinsights.Page](t, "Session.Transcription")
	})
	t.Run("golden", func(t *testing.T) {
		t.Parallel()
		doc := testdata(t, "page.json")
		var page vonageinsights.Page
		if err := json.Unmarshal(doc, &page); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(page)
		if err != nil {
			t.Fatal(err)
		}
		jsontest.SameDocument(t, doc, text, "page_size", "page_number")
		if !strings.Contains(string(text), `"page_size":10,"page_number":0`) {
			t.Errorf("got %s, want the numbers as numbers", text)
		}
	})
	t.Run("nil session", func(t *testing.T) {
		t.Parallel()
		text, err := json.Marshal(vonageinsights.Page{Sessions: []*vonageinsights.Session{nil}})
		if want := `{"total":0,"hits":[{}],"page_size":0,"page_number":0}`; err != nil || string(text) != want {
			t.Errorf("got %s, %v; want %s", text, err, want)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		page := vonageinsights.Page{Total: 7}
		err := page.UnmarshalJSON([]byte(`{"total":1,"hits":[{"id":{}}]}`))
		if fault, ok := errors.AsType[*vonageinsights.DecodeError](err); !ok || fault.Path != "hits[0].id" {
			t.Errorf("got %v, want the place of the fault", err)
		}
		if page.Total != 7 {
			t.Error("the page was changed")
		}
	})
}

func TestPageMutations(t *testing.T) {
	t.Parallel()
	for doc := range jsontest.Mutations(testdata(t, "page.json"), 11, 1000) {
		var page vonageinsights.Page
		if err := page.UnmarshalJSON(doc); err != nil {
			if _, ok := errors.AsType[*vonageinsights.DecodeError](err); !ok {
				t.Errorf("got %v, want a DecodeError", err)
			}
			continue
		}
		if !json.Valid(bytes.TrimPrefix(doc, []byte("\ufeff"))) {
			t.Errorf("accepted what is not valid JSON: %s", doc)
		}
		jsontest.RoundTrip(t, &page)
	}
}

func TestPageLogsCounts(t *testing.T) {
	t.Parallel()
	page := vonageinsights.Page{Total: 12, PageSize: 10, PageNumber: 1, Sessions: []*vonageinsights.Session{decode(t, testdata(t, "session.json"))}}
	for _, value := range []any{page, &page} {
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("got", slog.Any("page", value))
		if want := "page.total=12 page.page_number=1 page.page_size=10 page.sessions=1\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("got %q, want it to end with %q", out.String(), want)
		}
	}
}
