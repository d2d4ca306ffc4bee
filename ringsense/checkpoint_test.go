package ringsense_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
)

func TestCheckpointRefusals(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(1)
	client := server.Client()
	other := server.Client(ringsense.WithAccount("77"))
	elsewhere := server.Client(ringsense.WithBaseURL("https://another.test"))
	good := client.Backfill(backfillQuery).Checkpoint()
	open := client.Backfill(ringsense.CallLogQuery{From: march}).Checkpoint()
	signed := func(json string) callinsights.Checkpoint {
		text := base64.RawURLEncoding.EncodeToString([]byte(json))
		return callinsights.Checkpoint(fmt.Sprintf("ringsense-backfill-1.%08x.%s", crc32.ChecksumIEEE([]byte(text)), text))
	}
	query := func(change func(*ringsense.CallLogQuery)) ringsense.CallLogQuery {
		q := backfillQuery
		change(&q)
		return q
	}
	tests := map[string]struct {
		client     *ringsense.Client
		checkpoint callinsights.Checkpoint
		q          ringsense.CallLogQuery
		want       string
	}{
		"another start":     {client, good, query(func(q *ringsense.CallLogQuery) { q.From = q.From.Add(time.Second) }), "another query, whose From"},
		"another end":       {client, good, query(func(q *ringsense.CallLogQuery) { q.To = q.To.Add(time.Second) }), "another query, whose To"},
		"no end":            {client, good, query(func(q *ringsense.CallLogQuery) { q.To = time.Time{} }), "another query, whose To"},
		"an end":            {client, open, backfillQuery, "another query, whose To"},
		"another extension": {client, good, query(func(q *ringsense.CallLogQuery) { q.ExtensionID = "~" }), "another query, whose account or ExtensionID"},
		"another account":   {other, good, backfillQuery, "another query, whose account"},
		"another service":   {elsewhere, good, backfillQuery, "another query, whose service (WithBaseURL)"},
		"another number":    {client, good, query(func(q *ringsense.CallLogQuery) { q.PhoneNumber = "+12125550101" }), "another query, whose filter"},
		"empty":             {client, "", backfillQuery, "no checkpoint of a backfill"},
		"of something else": {client, "eyJhIjoxfQ", backfillQuery, "no checkpoint of a backfill"},
		"cut short":         {client, good[:len(good)-3], backfillQuery, "cut short"},
		"only its name":     {client, "ringsense-backfill-1.", backfillQuery, "cut short"},
		"not base64":        {client, "ringsense-backfill-1.5f22a8a9.", backfillQuery, "damaged"},
		"not JSON":          {client, signed("x"), backfillQuery, "damaged"},
		"of another shape":  {client, signed(`{"state":{"pending":7}}`), backfillQuery, "damaged"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := len(server.Requests())
			resumed := test.client.Backfill(test.q, ringsense.ResumeFrom(test.checkpoint))
			checkLocal(t, soleError(t, resumed.All(t.Context())), "Backfill", test.want)
			if n := len(server.Requests()) - before; n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// TestCheckpoint: it is one word, without what the query looks for, and of the
// recordings it holds those that are pending alone.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	server := callsWithInsights(40, 3)
	q := backfillQuery
	q.PhoneNumber = "+12125550101"
	e := server.Client().Backfill(q)
	readAll(t, e)
	text := string(e.Checkpoint())
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) || len(text) > 600 {
		t.Errorf("got %q", text)
	}
	data, err := base64.RawURLEncoding.DecodeString(text[strings.LastIndexByte(text, '.')+1:])
	if err != nil || strings.Contains(string(data), "2125550101") || strings.Count(string(data), "r0000") != 1 {
		t.Errorf("got %s, %v", data, err)
	}
	resumed := server.Client().Backfill(q, ringsense.ResumeFrom(callinsights.Checkpoint(text+"\n")))
	if resumed.Checkpoint() != e.Checkpoint() {
		t.Error("resuming changes the checkpoint")
	}
	if diff := cmp.Diff(e.Progress(), resumed.Progress()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func FuzzResumeFrom(f *testing.F) {
	server := callsWithInsights(1)
	client := server.Client()
	good := string(client.Backfill(backfillQuery).Checkpoint())
	f.Add(good)
	f.Add(good[:20])
	f.Fuzz(func(t *testing.T, text string) {
		e := client.Backfill(backfillQuery, ringsense.ResumeFrom(callinsights.Checkpoint(text)))
		if strings.TrimSpace(text) == good {
			return
		}
		if _, err := read(t, e, nil); !errors.Is(err, ringsense.ErrInvalidRequest) {
			t.Errorf("got %v for %q", err, text)
		}
	})
}

// TestCheckpointsHideTheFilter: what stands for it is too short to find out which
// phone number was in it.
func TestCheckpointsHideTheFilter(t *testing.T) {
	t.Parallel()
	client := callsWithInsights(1).Client()
	read := func(number string) string {
		q := backfillQuery
		q.PhoneNumber = number
		text := string(client.Backfill(q).Checkpoint())
		plain, err := base64.RawURLEncoding.DecodeString(text[strings.LastIndexByte(text, '.')+1:])
		if err != nil {
			t.Fatal(err)
		}
		var saved struct {
			Query struct {
				Filter string `json:"filter"`
			} `json:"query"`
		}
		if err := json.Unmarshal(plain, &saved); err != nil {
			t.Fatal(err)
		}
		return saved.Query.Filter
	}
	if one, other := read("+12025550143"), read("+12025550144"); one == other || len(one) != 4 {
		t.Errorf("the filters are %q and %q, want two bytes", one, other)
	}
}
