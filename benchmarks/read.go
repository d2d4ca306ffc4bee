package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// The names of the readers, which the targets refer to.
const (
	discarding = "`io.Discard`"
	wholeBody  = "`io.ReadAll`, `json.Unmarshal`"
	piecewise  = "`json.Decoder`, piece by piece"
	searching  = "`Search`"
)

// reader is a way to read a page of so many sessions, each of which is handed over
// as soon as it is there.
type reader struct {
	name string
	read func(ctx context.Context, from source, size int, each func()) error
}

// source is where pages come from: a fake, over connections of its own.
type source struct {
	*corpus

	url    string
	client *http.Client
}

func newSource(c *corpus, url string) source {
	return source{c, url, &http.Client{Transport: new(http.Transport)}}
}

func (s source) close() { s.client.CloseIdleConnections() }

func readWhole() reader { return byHand(wholeBody, whole) }

func readTokens() reader { return byHand(piecewise, tokens) }

func readNothing() reader { return byHand(discarding, nothing) }

// search reads with the module.
func search() reader {
	return reader{searching, func(ctx context.Context, from source, size int, each func()) error {
		client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU,
			vonageinsights.WithBaseURL(from.url), vonageinsights.WithHTTPClient(from.client))
		if err != nil {
			return err
		}
		query := from.query()
		query.PageSize = size
		for _, err := range client.Search(ctx, query) {
			if err != nil {
				return err
			}
			each()
		}
		return nil
	}}
}

// byHand reads with net/http, and take makes sessions of the body.
func byHand(name string, take func(body io.Reader, each func()) error) reader {
	return reader{name, func(ctx context.Context, from source, size int, each func()) error {
		span := from.query()
		query := url.Values{
			"from_date": {span.From.Format(wireTime)}, "to_date": {span.To.Format(wireTime)}, "page_size": {strconv.Itoa(size)},
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, from.url+"/insights/sessions?"+query.Encode(), http.NoBody)
		if err != nil {
			return err
		}
		request.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
		response, err := from.client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the fake answered %s", response.Status)
		}
		return take(response.Body, each)
	}}
}

func nothing(body io.Reader, _ func()) error {
	_, err := io.Copy(io.Discard, body)
	return err
}

func whole(body io.Reader, each func()) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var page plain.Page
	if err := json.Unmarshal(text, &page); err != nil {
		return err
	}
	for range page.Hits {
		each()
	}
	return nil
}

// tokens is what encoding/json has for streams.
func tokens(body io.Reader, each func()) error {
	decoder := json.NewDecoder(body)
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		if key != "hits" {
			var other json.RawMessage
			err = decoder.Decode(&other)
		} else {
			err = hits(decoder, each)
		}
		if err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

func hits(decoder *json.Decoder, each func()) error {
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		var session plain.Session
		if err := decoder.Decode(&session); err != nil {
			return err
		}
		each()
	}
	_, err := decoder.Token()
	return err
}
