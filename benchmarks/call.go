package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"github.com/google/go-github/v92/github"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/hetznercloud/hcloud-go/v2/hcloud"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// The names of the callers, which the targets refer to.
const (
	bareCall = "`net/http`, `io.ReadAll`, `json.Unmarshal`"
	ourCall  = "`Client.Session`"
	byGitHub = "go-github"
	byOpenAI = "openai-go"
	byHcloud = "hcloud-go"

	// These two are what no client can do without.
	bareDecoder   = "`net/http`, a buffer used again, `Session.UnmarshalJSON`"
	undecodedCall = "`net/http`, `io.Discard`"
)

// callTables measure what it takes to get one session from the service.
func callTables(atLeast time.Duration) []table {
	c := &corpus{Sessions: 1, Days: 1, Pages: []int{1}}
	about := fmt.Sprintf("One after the other, over a connection that is kept: %.1f KB, decoded.", float64(len(encode(c.called())))/1e3)
	return []table{
		{
			name: "call", title: "A call", about: about + " The last two lines are what no client can do without: net/http and this decoder alone, and nothing decoded.",
			corpus: c, unit: nanoseconds(),
			variants: calling(c, func(call func() error) (float64, error) { return timeOf(call, atLeast) }),
			targets: []target{
				{ourCall, bareCall, 1.5}, {ourCall, byGitHub, 1.8}, {ourCall, byOpenAI, 1.8}, {ourCall, byHcloud, 1.8},
			},
		},
		{
			name: "call-allocations", title: "Allocations of a call", about: about,
			rounds: 2, corpus: c, unit: allocations(),
			variants: calling(c, func(call func() error) (float64, error) { return allocationsOf(call, 200) }),
			targets:  []target{{ourCall, bareCall, 1 / 0.4}},
		},
		{
			name: "call-memory", title: "Memory of a call", about: about + " What is allocated, and not what is held at once.",
			rounds: 2, corpus: c, unit: byteCount(),
			variants: calling(c, func(call func() error) (float64, error) { return allocatedBy(call, 200) }),
		},
	}
}

// called is the session that calls are for: the first, with more steps, so that
// it takes 8 KB.
func (c *corpus) called() *plain.Session {
	session := c.session(0)
	for len(encode(session)) < 8_000 {
		session.FlowPath = append(session.FlowPath, session.FlowPath[0])
	}
	return session
}

// allocatedBy returns how many bytes a repetition of work allocates.
func allocatedBy(work func() error, repetitions int) (float64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range repetitions {
		if err := work(); err != nil {
			return 0, err
		}
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(repetitions), nil
}

// call gets a session, nil from one who decodes nothing.
type call func(ctx context.Context) (any, error)

// caller is a way to make calls for a session at that path of a service.
type caller struct {
	name string
	open func(from source, path string) (call, error)
}

// calling are variants, each of which has to show first that it gets the session.
func calling(c *corpus, measure gauge) []variant {
	session := c.called()
	text, path := encode(session), "/insights/sessions/"+session.ID+"/parameters"
	var list []variant
	for _, way := range []caller{
		{bareCall, bare},
		{ourCall, ourClient(session.ID)},
		{"retryablehttp, oauth2, `json.Unmarshal`", layered},
		{byGitHub, githubClient},
		{byOpenAI, openaiClient},
		{byHcloud, hcloudClient},
		{bareDecoder, bareDecoded},
		{undecodedCall, undecoded},
	} {
		list = append(list, variant{way.name, func(ctx context.Context, url string) (float64, error) {
			from := newSource(url)
			defer from.close()
			call, err := way.open(from, path)
			if err != nil {
				return 0, err
			}
			got, err := call(ctx)
			if err == nil && got != nil {
				err = holds(text, got)
			}
			if err != nil {
				return 0, err
			}
			return measure(func() error {
				_, err := call(ctx)
				return err
			})
		}})
	}
	return list
}

// source is where calls go: a fake, over connections of their own.
type source struct {
	url    string
	client *http.Client
}

func newSource(url string) source {
	return source{url, &http.Client{Transport: new(http.Transport)}}
}

func (s source) close() { s.client.CloseIdleConnections() }

func ourClient(id string) func(source, string) (call, error) {
	return func(from source, _ string) (call, error) {
		client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU,
			vonageinsights.WithBaseURL(from.url), vonageinsights.WithHTTPClient(from.client))
		return func(ctx context.Context) (any, error) { return client.Session(ctx, id, time.Time{}) }, err
	}
}

func bare(from source, path string) (call, error) {
	return unmarshalling(from.client, from.url+path), nil
}

// layered is the two libraries that this module has below, and nothing between.
func layered(from source, path string) (call, error) {
	client := retryablehttp.NewClient()
	client.Logger, client.HTTPClient = nil, from.client
	return unmarshalling(&http.Client{Transport: &oauth2.Transport{
		Source: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: vonageinsightstest.APIKey}),
		Base:   &retryablehttp.RoundTripper{Client: client},
	}}, from.url+path), nil
}

func unmarshalling(client *http.Client, url string) call {
	return func(ctx context.Context) (any, error) {
		session := new(plain.Session)
		return session, get(ctx, client, url, func(body io.Reader) error {
			text, err := io.ReadAll(body)
			if err != nil {
				return err
			}
			return json.Unmarshal(text, session)
		})
	}
}

// bareDecoded is what the client cannot be faster than: its decoder, and net/http.
func bareDecoded(from source, path string) (call, error) {
	var buffer bytes.Buffer
	return func(ctx context.Context) (any, error) {
		session := new(vonageinsights.Session)
		return session, get(ctx, from.client, from.url+path, func(body io.Reader) error {
			buffer.Reset()
			if _, err := buffer.ReadFrom(body); err != nil {
				return err
			}
			return session.UnmarshalJSON(buffer.Bytes())
		})
	}, nil
}

func undecoded(from source, path string) (call, error) {
	return func(ctx context.Context) (any, error) {
		return nil, get(ctx, from.client, from.url+path, func(body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			return err
		})
	}, nil
}

func get(ctx context.Context, client *http.Client, url string, take func(body io.Reader) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the fake answered %s", response.Status)
	}
	return take(response.Body)
}

func githubClient(from source, path string) (call, error) {
	base := from.url + "/"
	client, err := github.NewClient(github.WithHTTPClient(from.client), github.WithAuthToken(vonageinsightstest.APIKey), github.WithURLs(&base, &base))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (any, error) {
		request, err := client.NewRequest(ctx, http.MethodGet, path[1:], nil)
		if err != nil {
			return nil, err
		}
		session := new(plain.Session)
		_, err = client.Do(request, session)
		return session, err
	}, nil
}

func openaiClient(from source, path string) (call, error) {
	client := openai.NewClient(option.WithHTTPClient(from.client), option.WithAPIKey(vonageinsightstest.APIKey), option.WithBaseURL(from.url+"/"))
	return func(ctx context.Context) (any, error) {
		session := new(plain.Session)
		return session, client.Get(ctx, path[1:], nil, session)
	}, nil
}

func hcloudClient(from source, path string) (call, error) {
	client := hcloud.NewClient(hcloud.WithHTTPClient(from.client), hcloud.WithToken(vonageinsightstest.APIKey), hcloud.WithEndpoint(from.url))
	return func(ctx context.Context) (any, error) {
		request, err := client.NewRequest(ctx, http.MethodGet, path, nil)
		if err != nil {
			return nil, err
		}
		session := new(plain.Session)
		_, err = client.Do(request, session)
		return session, err
	}, nil
}
