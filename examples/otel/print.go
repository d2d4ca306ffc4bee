package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// spanPrinter is an exporter for people: at the end it prints the spans as a tree, in
// the order of their start, each with its events, how long it took, and how long after
// the first one it began.
type spanPrinter struct {
	out io.Writer

	mu    sync.Mutex
	spans []sdktrace.ReadOnlySpan
}

// ExportSpans keeps the spans, as a parent ends after its children.
func (p *spanPrinter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spans = append(p.spans, spans...)
	return nil
}

// Shutdown prints what was kept.
func (p *spanPrinter) Shutdown(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortStableFunc(p.spans, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	var b strings.Builder
	b.WriteString("Spans\n")
	p.tree(&b, trace.SpanID{}, "\n")
	p.spans = nil
	_, err := fmt.Fprintln(p.out, b.String())
	return err
}

// tree writes the spans below a parent, each behind indent, which begins a line.
func (p *spanPrinter) tree(b *strings.Builder, parent trace.SpanID, indent string) {
	for _, span := range p.spans {
		if span.Parent().SpanID() != parent {
			continue
		}
		at, took := span.StartTime().Sub(p.spans[0].StartTime()), span.EndTime().Sub(span.StartTime())
		line := fmt.Sprintf("%s%s  at %s for %s  %s", indent, span.Name(), ms(at), ms(took), list(span.Attributes()))
		b.WriteString(strings.TrimRight(line, " "))
		p.tree(b, span.SpanContext().SpanID(), indent+"    ")
		for _, event := range span.Events() {
			fmt.Fprintf(b, "%s    event %s  %s", indent, event.Name, list(event.Attributes))
		}
	}
}

// ms is a duration as it is printed.
func ms(d time.Duration) string { return fmt.Sprintf("%.1fms", float64(d)/float64(time.Millisecond)) }

// metricPrinter is an exporter that prints a line for each value of a metric.
type metricPrinter struct{ out io.Writer }

// Export prints the metrics.
func (p metricPrinter) Export(_ context.Context, all *metricdata.ResourceMetrics) error {
	var lines []string
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			lines = append(lines, values(m)...)
		}
	}
	slices.Sort(lines)
	_, err := fmt.Fprintf(p.out, "\nMetrics\n\n%s\n", strings.Join(lines, "\n"))
	return err
}

func values(m metricdata.Metrics) (lines []string) {
	add := func(set attribute.Set, value string) {
		lines = append(lines, fmt.Sprintf("%s  %s  %s", m.Name, value, list(set.ToSlice())))
	}
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, strconv.FormatInt(point.Value, 10))
		}
	case metricdata.Gauge[int64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, strconv.FormatInt(point.Value, 10))
		}
	case metricdata.Histogram[int64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, fmt.Sprintf("%d of %d %s in all", point.Count, point.Sum, m.Unit))
		}
	case metricdata.Histogram[float64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, fmt.Sprintf("%d of %.3f %s in all", point.Count, point.Sum, m.Unit))
		}
	default:
		lines = append(lines, m.Name)
	}
	return lines
}

// list writes attributes in the order of their names.
func list(attributes []attribute.KeyValue) string {
	texts := make([]string, len(attributes))
	for i, a := range attributes {
		texts[i] = string(a.Key) + "=" + a.Value.String()
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// Temporality is what readers have by default: values since the start.
func (metricPrinter) Temporality(kind sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DefaultTemporalitySelector(kind)
}

// Aggregation is what readers have by default.
func (metricPrinter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

// ForceFlush has nothing to do: what is exported is printed.
func (metricPrinter) ForceFlush(context.Context) error { return nil }

// Shutdown has nothing to do either.
func (metricPrinter) Shutdown(context.Context) error { return nil }
