package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// telemetry is where spans and metrics go.
type telemetry struct {
	traces  *sdktrace.TracerProvider
	metrics *sdkmetric.MeterProvider
}

// newTelemetry sends to the collector, to that of the environment or, if there is
// none, to stdout.
func newTelemetry(ctx context.Context, collector string, stdout io.Writer) (*telemetry, error) {
	if collector == "" && os.Getenv(endpointVariable) == "" {
		return connect(&spanPrinter{out: stdout}, sdkmetric.NewPeriodicReader(metricPrinter{stdout})), nil
	}
	spans, readings, err := dial(ctx, collector)
	if err != nil {
		return nil, err
	}
	return connect(spans, sdkmetric.NewPeriodicReader(readings)), nil
}

// connect makes a program of the exporters: all its spans and metrics have its name.
func connect(spans sdktrace.SpanExporter, readings sdkmetric.Reader) *telemetry {
	name := resource.NewSchemaless(semconv.ServiceName("callinsights-" + programName))
	return &telemetry{
		sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(name)),
		sdkmetric.NewMeterProvider(sdkmetric.WithReader(readings), sdkmetric.WithResource(name)),
	}
}

// dial makes the exporters for a collector. Without one they take it from the
// environment, as they do with all else that can be set there.
func dial(ctx context.Context, collector string) (sdktrace.SpanExporter, sdkmetric.Exporter, error) {
	var traceOptions []otlptracehttp.Option
	var metricOptions []otlpmetrichttp.Option
	if collector != "" {
		u, err := url.Parse(collector)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, nil, fmt.Errorf("-otlp %q is no address of a collector: it must look like http://127.0.0.1:4318", collector)
		}
		traceOptions = append(traceOptions, otlptracehttp.WithEndpointURL(u.JoinPath("v1", "traces").String()))
		metricOptions = append(metricOptions, otlpmetrichttp.WithEndpointURL(u.JoinPath("v1", "metrics").String()))
	}
	spans, err1 := otlptracehttp.New(ctx, traceOptions...)
	readings, err2 := otlpmetrichttp.New(ctx, metricOptions...)
	return spans, readings, errors.Join(err1, err2)
}

// finish sends what has not been sent yet.
func (t *telemetry) finish(ctx context.Context) error {
	return errors.Join(t.traces.Shutdown(ctx), t.metrics.Shutdown(ctx))
}
