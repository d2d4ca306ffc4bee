package transport

import (
	"context"
	"errors"
	"log/slog"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// observer tells the user's logger and function that a call has ended.
type observer struct {
	logger  *slog.Logger
	observe func(context.Context, callinsights.Observation)
}

// deaf reports that there is nobody to tell.
func (o observer) deaf() bool { return o.observe == nil && o.logger == nil }

func (o observer) ended(ctx context.Context, seen callinsights.Observation) {
	if o.observe != nil {
		o.observe(ctx, seen)
	}
	if o.logger == nil {
		return
	}
	if seen.Err == nil {
		o.logger.LogAttrs(ctx, slog.LevelInfo, "call succeeded", attrs(seen)...)
		return
	}
	o.logger.LogAttrs(ctx, slog.LevelWarn, "call failed", attrs(seen)...)
}

// attrs are the facts of a call. No text of the service is among them, except
// for its code and its name for the request.
func attrs(seen callinsights.Observation) []slog.Attr {
	list := []slog.Attr{
		slog.String("vendor", seen.Vendor),
		slog.String("op", seen.Op),
		slog.String("method", seen.Method),
		slog.String("path", seen.Path),
		slog.Int("status", seen.StatusCode),
		slog.Int("attempts", seen.Attempts),
		slog.Duration("duration", seen.Duration),
		slog.String("request_id", seen.RequestID),
	}
	e, ok := errors.AsType[*callinsights.Error](seen.Err)
	if !ok {
		return list
	}
	list = append(list, slog.String("code", e.Code))
	if e.Err != nil {
		list = append(list, slog.String("cause", e.Err.Error()))
	}
	return list
}

func (p *Pipeline) observation(call retry.Call, out retry.Outcome, began time.Time, err error) callinsights.Observation {
	seen := callinsights.Observation{
		Vendor: p.vendor.Name, Op: call.Op,
		Method: call.Method, Path: call.URL.EscapedPath(),
		Start: began, Duration: time.Since(began),
		Attempts: out.Attempts, RateLimit: out.RateLimit, Err: err,
	}
	if out.Answer != nil {
		seen.StatusCode = out.Answer.Status
		seen.RequestID = p.requestID(out.Answer.Header, out.Secrets...)
	}
	return seen
}
