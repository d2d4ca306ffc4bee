package ringsense_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

type meetings struct {
	Meetings []struct {
		ID       string `json:"id"`
		Duration int    `json:"duration"`
	} `json:"meetings"`
}

func historyPath() []string { return []string{"rcvideo", "v1", "history", "meetings"} }

func historyServer() *ringsensetest.Server {
	server := ringsensetest.NewServer()
	server.AddAnswer("/rcvideo/v1/history/meetings", []byte(` {"meetings":[{"id":"5d7e!eu-07@eu","duration":61}]} `))
	return server
}

func TestGet(t *testing.T) {
	t.Parallel()
	server := historyServer()
	client := server.Client()
	var got meetings
	query := url.Values{"type": {"All"}, "text": {"a b&c", "é"}}
	if err := client.Get(t.Context(), historyPath(), query, &got); err != nil {
		t.Fatal(err)
	}
	want := meetings{}
	want.Meetings = append(want.Meetings, struct {
		ID       string `json:"id"`
		Duration int    `json:"duration"`
	}{"5d7e!eu-07@eu", 61})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var raw json.RawMessage
	if err := client.Get(t.Context(), historyPath(), nil, &raw); err != nil {
		t.Fatal(err)
	}
	if want := `{"meetings":[{"id":"5d7e!eu-07@eu","duration":61}]}`; string(raw) != want {
		t.Errorf("got %s, want %s", raw, want)
	}
	var anything any
	if err := client.Get(t.Context(), historyPath(), nil, &anything); err != nil || anything == nil {
		t.Errorf("got %v, %v", anything, err)
	}
	requests := server.Requests()
	if len(requests) != 4 || requests[1].Op != "Get" || requests[1].Path != "/rcvideo/v1/history/meetings" {
		t.Fatalf("got %+v, want a login and three requests", requests)
	}
	if diff := cmp.Diff(query, requests[1].Query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

// TestGetDocuments: other documents than objects, and a byte order mark.
func TestGetDocuments(t *testing.T) {
	t.Parallel()
	for _, document := range []string{`[1,2]`, `"text"`, `null`, `7`, "\ufeff{}"} {
		server := ringsensetest.NewServer()
		server.AddAnswer("/a", []byte(document))
		var raw json.RawMessage
		var value any
		err := errors.Join(
			server.Client().Get(t.Context(), []string{"a"}, nil, &raw),
			server.Client().Get(t.Context(), []string{"a"}, nil, &value),
		)
		if want := strings.TrimPrefix(document, "\ufeff"); err != nil || string(raw) != want {
			t.Errorf("%s: got %s, %v", document, raw, err)
		}
	}
}

func TestGetRefusesArguments(t *testing.T) {
	t.Parallel()
	var none context.Context
	var out meetings
	tests := map[string]struct {
		ctx  context.Context
		path []string
		out  any
		want string
	}{
		"no path":                {t.Context(), nil, &out, "path is empty"},
		"empty segment":          {t.Context(), []string{"rcvideo", ""}, &out, "path"},
		"a whole path":           {t.Context(), []string{"rcvideo", "/v1/history"}, &out, "segment 2 of the path begins with a slash; give each segment by itself"},
		"dot segments":           {t.Context(), []string{"rcvideo", ".."}, &out, "dot segment"},
		"line break":             {t.Context(), []string{"a\r\nHost: x"}, &out, "control character"},
		"no out":                 {t.Context(), historyPath(), nil, "out is a <nil>"},
		"out is no pointer":      {t.Context(), historyPath(), out, "out is a ringsense_test.meetings"},
		"out is a nil pointer":   {t.Context(), historyPath(), (*meetings)(nil), "not nil"},
		"out is a map":           {t.Context(), historyPath(), map[string]any{}, "pointer"},
		"the context is missing": {none, historyPath(), &out, "context is nil"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := historyServer()
			checkLocal(t, server.Client().Get(test.ctx, test.path, nil, test.out), "Get", test.want)
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// TestGetEscapes: a segment stays one, and "~" stays as it is.
func TestGetEscapes(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	const path = "/restapi/v1.0/account/~/a%2Fb%3Fc%20d"
	server.AddAnswer(path, []byte(`{}`))
	if err := server.Client().Get(t.Context(), []string{"restapi", "v1.0", "account", "~", "a/b?c d"}, nil, new(any)); err != nil {
		t.Error(err)
	}
}

func TestGetUnusableAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body   string
		out    any
		text   string
		decode bool
	}{
		"nothing":              {"", new(meetings), "empty", false},
		"HTML":                 {"<html>hidden</html>", new(meetings), "HTML", false},
		"truncated":            {`{"meetings":[`, new(meetings), "invalid JSON", true},
		"no JSON":              {"hidden", new(meetings), "invalid JSON", true},
		"no JSON, raw":         {"hidden", new(json.RawMessage), "invalid JSON", true},
		"trailing data":        {`{} "hidden"`, new(meetings), "invalid JSON", true},
		"another kind":         {`{"meetings":[{"duration":"hidden"}]}`, new(meetings), ".duration at offset", true},
		"a value out of range": {`{"meetings":[{"duration":1e99}]}`, new(meetings), "does not fit Go type int", true},
		"another document":     {`["hidden"]`, new(meetings), "does not fit Go type ringsense_test.meetings", true},
		"type of one's own":    {`"hidden"`, new(picky), "does not fit a *ringsense_test.picky", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := historyServer()
				server.Fail(ringsensetest.Fault{Op: "Get", N: -1, Status: http.StatusOK, Body: test.body})
				err := server.Client().Get(t.Context(), historyPath(), nil, test.out)
				_, decode := errors.AsType[*ringsense.DecodeError](err)
				if err == nil || decode != test.decode || decode && !errors.Is(err, ringsense.ErrInvalidResponse) {
					t.Fatalf("got %v, want an answer that cannot be used", err)
				}
				if !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "hidden") {
					t.Errorf("got the text %q, want %q in it and nothing of the body", err, test.text)
				}
			})
		})
	}
}

// picky is a type that refuses everything and quotes it.
type picky struct{}

func (*picky) UnmarshalJSON(data []byte) error { return errors.New(string(data)) }

// TestGetErrors: they advise on the call at hand, not on insights.
func TestGetErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		is     error
		want   string
	}{
		"scope missing":        {403, `{"errors":[{"errorCode":"CMN-401","permissionName":"Video"}]}`, ringsense.ErrScopeMissing, "lacks a scope, which the details name"},
		"permission missing":   {403, `{"errors":[{"errorCode":"CMN-408","permissionName":"ReadX"}]}`, ringsense.ErrPermissionMissing, "lacks a permission, which the details name"},
		"path unknown":         {404, `{"errorCode":"AGW-404"}`, ringsense.ErrNotFound, "misspelt"},
		"not found":            {404, `{"errorCode":"CMN-102","message":"Resource not found"}`, ringsense.ErrNotFound, "CMN-102"},
		"refused":              {401, `{}`, ringsense.ErrUnauthorized, "access token was refused"},
		"failing, then failed": {500, `{}`, ringsense.ErrUnavailable, "4 attempts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := historyServer()
				server.Fail(ringsensetest.Fault{Op: "Get", N: -1, Status: test.status, Body: test.body})
				err := server.Client().Get(t.Context(), historyPath(), nil, new(any))
				checkKinds(t, err, []error{test.is}, []error{ringsense.ErrInsightsNotFound})
				if text := err.Error(); !strings.Contains(text, test.want) || strings.Contains(text, "licence") || strings.Contains(text, "RingSense") {
					t.Errorf("got the text %q, want %q in it and nothing of insights", text, test.want)
				}
			})
		})
	}
}
