package main

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestOutput compares what is printed with a file. On the clock of synctest nothing
// takes time but the waits.
func TestOutput(t *testing.T) {
	t.Setenv(endpointVariable, "")
	synctest.Test(t, func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), nil, &stdout, &stderr); err != nil || stderr.Len() > 0 {
			t.Fatal(err, stderr.String())
		}
		golden := filepath.Join("testdata", "output.golden")
		if *update {
			if err := os.WriteFile(golden, stdout.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), stdout.String()); diff != "" {
			t.Errorf("output (-want +got):\n%s", diff)
		}
		checkNoSecret(t, stdout.String())
	})
}

// TestReadme: the README shows the tree of spans as it is printed.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "output.golden"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "```text\n")
	shown, _, _ = strings.Cut(shown, "```")
	var missing []string
	for line := range strings.Lines(shown) {
		for part := range strings.SplitSeq(strings.TrimSpace(line), " … ") {
			if !strings.Contains(string(golden), part) {
				missing = append(missing, part)
			}
		}
	}
	if len(missing) > 0 || strings.Count(shown, "\n") < 10 {
		t.Errorf("the README shows %d lines, of which the program does not print:\n%s", strings.Count(shown, "\n"), strings.Join(missing, "\n"))
	}
}

// collector is one that takes OTLP over HTTP.
type collector struct {
	mu             sync.Mutex
	bodies         bytes.Buffer
	spans, metrics []string // names
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	c.bodies.Write(body)
	switch r.URL.Path {
	case "/v1/traces":
		var request collectortrace.ExportTraceServiceRequest
		if proto.Unmarshal(body, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					c.spans = append(c.spans, span.GetName())
				}
			}
		}
	case "/v1/metrics":
		var request collectormetrics.ExportMetricsServiceRequest
		if proto.Unmarshal(body, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		for _, resource := range request.GetResourceMetrics() {
			for _, scope := range resource.GetScopeMetrics() {
				for _, metric := range scope.GetMetrics() {
					c.metrics = append(c.metrics, metric.GetName())
				}
			}
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestCollector: all of it arrives by OTLP, whoever names the collector.
func TestCollector(t *testing.T) {
	for name, flagged := range map[string]bool{"flag": true, "environment": false} {
		t.Run(name, func(t *testing.T) {
			c := new(collector)
			server := httptest.NewServer(c)
			defer server.Close()
			args := []string{"-otlp", server.URL}
			t.Setenv(endpointVariable, "http://127.0.0.1:1")
			if !flagged {
				args = nil
				t.Setenv(endpointVariable, server.URL)
			}
			var stdout bytes.Buffer
			if err := run(t.Context(), args, &stdout, io.Discard); err != nil {
				t.Fatal(err)
			}
			if stdout.Len() > 0 {
				t.Errorf("printed %q too", stdout.String())
			}
			slices.Sort(c.spans)
			slices.Sort(c.metrics)
			wantSpans := []string{
				"GET", "GET", "GET", "GET", "GET", "GET", "POST",
				"fetch a recording", "look for a session that is gone", "read a call", "search sessions",
			}
			if diff := cmp.Diff(wantSpans, c.spans); diff != "" {
				t.Errorf("spans (-want +got):\n%s", diff)
			}
			wantMetrics := []string{
				"callinsights.call.duration", "callinsights.call.resends", "callinsights.rate_limit.remaining",
				"http.client.request.body.size", "http.client.request.duration",
			}
			if diff := cmp.Diff(wantMetrics, c.metrics); diff != "" {
				t.Errorf("metrics (-want +got):\n%s", diff)
			}
			checkNoSecret(t, c.bodies.String())
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"an argument too many": {[]string{"x"}, `unexpected argument "x"`},
		"no address":           {[]string{"-otlp", "127.0.0.1:4318"}, "must look like http://127.0.0.1:4318"},
		"no scheme of HTTP":    {[]string{"-otlp", "grpc://127.0.0.1:4317"}, "must look like http://127.0.0.1:4318"},
		"no collector there":   {[]string{"-otlp", "http://127.0.0.1:1"}, "connection refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout bytes.Buffer
			err := run(t.Context(), test.args, &stdout, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) || stdout.Len() > 0 {
				t.Errorf("got %v after %q, want %q in it", err, stdout.String(), test.want)
			}
		})
	}
}
