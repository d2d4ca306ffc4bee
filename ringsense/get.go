package ringsense

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// Get reads any other resource of RingCentral, with the token, the rate gate and
// the retries of the client's own calls. path are the segments after the base
// URL, not escaped; query may be nil. The answer, JSON of any kind, is decoded
// into out, a non-nil pointer, as [json.Unmarshal] does: a *json.RawMessage gets
// the exact text.
//
// The ids of video meetings, for [DomainRCV], are found this way. It takes the
// app scope Video:
//
//	var history struct {
//		Meetings []struct {
//			ID         string `json:"id"`
//			Recordings []json.RawMessage `json:"recordings"`
//		} `json:"meetings"`
//	}
//	err := client.Get(ctx, []string{"rcvideo", "v1", "history", "meetings"}, nil, &history)
//
// The other domains have no such address: their ids come with events. See
// developers.ringcentral.com/guide/ai/ace.
//
// The errors are those that the package documentation lists. An empty path, a
// segment that is empty, ".." or begins with a slash, and an out that cannot be
// decoded into are an [ErrInvalidRequest], and nothing is sent. An answer that is not
// JSON, or does not fit out, is an [ErrInvalidResponse] whose cause is a
// [*DecodeError]; out may then be filled in part.
func (c *Client) Get(ctx context.Context, path []string, query url.Values, out any) error {
	const op = "Get"
	c = c.made()
	if len(path) == 0 {
		return c.pipeline.Refuse(ctx, op, fault.Invalid("the path is empty"))
	}
	if i := slices.IndexFunc(path, func(segment string) bool { return strings.HasPrefix(segment, "/") }); i >= 0 {
		return c.pipeline.Refuse(ctx, op, fault.Invalid("segment %d of the path begins with a slash; give each segment by itself", i+1))
	}
	if v := reflect.ValueOf(out); v.Kind() != reflect.Pointer || v.IsNil() {
		return c.pipeline.Refuse(ctx, op, fault.Invalid("out is a %T: want a pointer to decode into, and not nil", out))
	}
	return c.pipeline.Call(ctx, transport.Request{
		Op: op, Method: http.MethodGet, Path: path,
		Query: strings.ReplaceAll(query.Encode(), "+", "%20"),
	}, func(body []byte) error { return decodeInto(out, body) })
}

// decodeInto decodes a document, after one byte order mark, into a value of the
// caller's.
func decodeInto(out any, document []byte) error {
	document = bytes.TrimPrefix(document, []byte("\ufeff"))
	if raw, ok := out.(*json.RawMessage); ok && json.Valid(document) {
		*raw = slices.Clone(bytes.TrimSpace(document))
		return nil
	}
	err := json.Unmarshal(document, out)
	if err == nil {
		return nil
	}
	// The texts of encoding/json may quote the document.
	fault := &DecodeError{Err: fmt.Errorf("does not fit a %T", out)}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		fault.Path, fault.Offset = mismatch.Field, mismatch.Offset
		fault.Err = fmt.Errorf("does not fit Go type %v", mismatch.Type)
	} else if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		fault.Offset, fault.Err = syntax.Offset, errors.New("invalid JSON")
	}
	return fault
}
