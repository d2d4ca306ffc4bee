package main

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/callinsights/callinsights-go"
)

// The attributes that OpenTelemetry has no name for.
const (
	vendorKey    = attribute.Key("callinsights.vendor")           // "ringsense", "vonageinsights", "whippy"
	operationKey = attribute.Key("callinsights.operation")        // the method, such as "RecordingInsights"
	groupKey     = attribute.Key("callinsights.rate_limit.group") // the calls that share a limit
	attemptsKey  = attribute.Key("callinsights.attempts")
	durationKey  = attribute.Key("callinsights.duration") // seconds, with all waits
	requestIDKey = attribute.Key("callinsights.request_id")
	retryKey     = attribute.Key("callinsights.retry_after") // seconds
)

// observer makes metrics of calls, and an event in the span of the caller. Its
// method observe is for WithObserver of any of the clients.
type observer struct {
	duration  metric.Float64Histogram
	resends   metric.Int64Counter
	remaining metric.Int64Gauge
}

func newObserver(metrics metric.MeterProvider) (*observer, error) {
	meter := metrics.Meter("github.com/callinsights/callinsights-go")
	duration, err1 := meter.Float64Histogram("callinsights.call.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of a call with all its attempts and the waits between them."),
		metric.WithExplicitBucketBoundaries(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120))
	resends, err2 := meter.Int64Counter("callinsights.call.resends", metric.WithUnit("{request}"),
		metric.WithDescription("Requests that were sent again after a failure."))
	remaining, err3 := meter.Int64Gauge("callinsights.rate_limit.remaining", metric.WithUnit("{request}"),
		metric.WithDescription("Requests that the rate limit still allows, as the service said last."))
	return &observer{duration, resends, remaining}, errors.Join(err1, err2, err3)
}

func (o *observer) observe(ctx context.Context, seen callinsights.Observation) {
	labels := []attribute.KeyValue{vendorKey.String(seen.Vendor), operationKey.String(seen.Op)}
	outcome := labels
	if seen.StatusCode != 0 {
		outcome = append(outcome, semconv.HTTPResponseStatusCode(seen.StatusCode))
	}
	if seen.Err != nil {
		outcome = append(outcome, semconv.ErrorTypeKey.String(errorType(seen.Err)))
	}
	o.duration.Record(ctx, seen.Duration.Seconds(), metric.WithAttributes(outcome...))
	o.resends.Add(ctx, int64(max(seen.Attempts-1, 0)), metric.WithAttributes(labels...))
	if limit := seen.RateLimit; limit.Limit > 0 {
		o.remaining.Record(ctx, int64(limit.Remaining), metric.WithAttributes(vendorKey.String(seen.Vendor), groupKey.String(limit.Group)))
	}
	trace.SpanFromContext(ctx).AddEvent("callinsights.call", trace.WithAttributes(append(outcome, details(seen)...)...))
}

// details are what an event has room for, and a metric has not.
func details(seen callinsights.Observation) []attribute.KeyValue {
	list := []attribute.KeyValue{attemptsKey.Int(seen.Attempts), durationKey.Float64(seen.Duration.Seconds())}
	if seen.RequestID != "" {
		list = append(list, requestIDKey.String(seen.RequestID))
	}
	if failed, ok := errors.AsType[*callinsights.Error](seen.Err); ok && failed.RetryAfter > 0 {
		list = append(list, retryKey.Float64(failed.RetryAfter.Seconds()))
	}
	return list
}

// errorType is one of a few words, as a metric needs them. The text of an error has
// ids in it.
func errorType(err error) string {
	for _, kind := range [...]struct {
		err  error
		name string
	}{
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "timeout"},
		{callinsights.ErrInvalidRequest, "invalid_request"},
		{callinsights.ErrUnauthorized, "unauthorized"},
		{callinsights.ErrForbidden, "forbidden"},
		{callinsights.ErrNotFound, "not_found"},
		{callinsights.ErrRateLimited, "rate_limited"},
		{callinsights.ErrUnavailable, "unavailable"},
		{callinsights.ErrInvalidResponse, "invalid_response"},
	} {
		if errors.Is(err, kind.err) {
			return kind.name
		}
	}
	return semconv.ErrorTypeOther.Value.AsString()
}
