package vonageinsights

import (
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Step is one step of a session: a node of the agent that was executed. Its
// place in the list is all that identifies it, since a node may be executed more
// than once and several nodes share a request.
type Step struct {
	// Type is the type of the node.
	Type StepType `json:"type"`
	// NodeID is the id of the node.
	NodeID string `json:"node_id"`
	// RequestID is the id of the request that the node belongs to, one of the
	// session's RequestIDs.
	RequestID string `json:"request_id"`
	// Synchronized says whether the step was synchronised.
	Synchronized bool `json:"synchronized"`
	// ExecutionTime is how long the step took, in a unit that the service does
	// not state; milliseconds are plausible.
	ExecutionTime int64 `json:"execution_time"`
	// Tags are those that the node collected.
	Tags []Tag `json:"tags"`
	// Request is what the node sent; it may be all empty.
	Request StepRequest `json:"request"`
	// Response is what the node got back; it may be all empty.
	Response StepResponse `json:"response"`
	// Context is what the node worked with.
	Context StepContext `json:"context"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// StepType is the type of a node. There are more than those with a constant.
type StepType string

// The types in the service's sample.
const (
	StepStart           StepType = "start"
	StepSpeak           StepType = "speak"
	StepParamCompletion StepType = "param_completion"
	StepWebhook         StepType = "webhook"
	StepEndCall         StepType = "end_call"
)

func (s *Step) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "type":
			s.Type = StepType(d.String())
		case "node_id":
			s.NodeID = d.String()
		case "request_id":
			s.RequestID = d.String()
		case "synchronized":
			s.Synchronized = d.Bool()
		case "execution_time":
			s.ExecutionTime = d.Int64()
		case "tags":
			s.Tags = jsonpull.List(d, (*Tag).decode)
		case "request":
			s.Request = StepRequest{}
			s.Request.decode(d)
		case "response":
			s.Response = StepResponse{}
			s.Response.decode(d)
		case "context":
			s.Context = StepContext{}
			s.Context.decode(d)
		default:
			s.Extra = obj.Keep(s.Extra)
		}
	}
}

func (s *Step) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("type", string(s.Type))
		w.StringAlways("node_id", s.NodeID)
		w.StringAlways("request_id", s.RequestID)
		w.BoolAlways("synchronized", s.Synchronized)
		w.IntAlways("execution_time", s.ExecutionTime)
		jsonpull.WriteList(w, "tags", s.Tags, (*Tag).encode)
		w.Key("request")
		s.Request.encode(w)
		w.Key("response")
		s.Response.encode(w)
		w.Key("context")
		s.Context.encode(w)
		w.Extra(s.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (s Step) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(s.encode) }

// UnmarshalJSON replaces the step by the one that data holds.
func (s *Step) UnmarshalJSON(data []byte) error { return jsonpull.Unmarshal(s, data, (*Step).decode) }

// LogValue returns ids and counts, not what was said or sent.
func (s Step) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("type", string(s.Type)),
		slog.String("node_id", s.NodeID),
		slog.String("request_id", s.RequestID),
		slog.Int("tags", len(s.Tags)),
	)
}

// StepRequest is what a node sent to a webhook, or to a part of the service.
type StepRequest struct {
	// Headers are a JSON object inside of a text, or empty; see HeaderFields.
	Headers string `json:"headers"`
	// Payload is as a rule JSON inside of a text, or empty; see PayloadJSON.
	Payload string `json:"payload"`
	// Verb is the method, such as "POST", also where nothing was sent.
	Verb string `json:"verb"`
	// URL is where it was sent to; it may be empty.
	URL string `json:"url"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// HeaderFields returns Headers by name, and reports whether they are an object
// at all. The map is empty where they are not.
func (r *StepRequest) HeaderFields() (map[string]string, bool) {
	if raw, ok := embedded(r.Headers); !ok || raw[0] != '{' {
		return map[string]string{}, false
	}
	return members(r.Headers, func(value *string, d *jsonpull.Decoder) { *value = d.Text() }), true
}

// PayloadJSON returns Payload as JSON, and reports whether it is that.
func (r *StepRequest) PayloadJSON() (json.RawMessage, bool) { return embedded(r.Payload) }

func (r *StepRequest) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "headers":
			r.Headers = d.Text()
		case "payload":
			r.Payload = d.Text()
		case "verb":
			r.Verb = d.String()
		case "url":
			r.URL = d.String()
		default:
			r.Extra = obj.Keep(r.Extra)
		}
	}
}

func (r *StepRequest) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("headers", r.Headers)
		w.StringAlways("payload", r.Payload)
		w.StringAlways("verb", r.Verb)
		w.StringAlways("url", r.URL)
		w.Extra(r.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (r StepRequest) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(r.encode) }

// UnmarshalJSON replaces the request by the one that data holds.
func (r *StepRequest) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(r, data, (*StepRequest).decode)
}

// LogValue returns the method, not what was sent or where to.
func (r StepRequest) LogValue() slog.Value {
	return slog.GroupValue(slog.String("verb", r.Verb))
}

// StepResponse is what a node got back.
type StepResponse struct {
	// Code is the HTTP status.
	Code int `json:"code"`
	// Payload is as a rule JSON inside of a text, or empty; see PayloadJSON.
	Payload string `json:"payload"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// PayloadJSON returns Payload as JSON, and reports whether it is that.
func (r *StepResponse) PayloadJSON() (json.RawMessage, bool) { return embedded(r.Payload) }

func (r *StepResponse) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "code":
			r.Code = d.Int()
		case "payload":
			r.Payload = d.Text()
		default:
			r.Extra = obj.Keep(r.Extra)
		}
	}
}

func (r *StepResponse) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.IntAlways("code", int64(r.Code))
		w.StringAlways("payload", r.Payload)
		w.Extra(r.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (r StepResponse) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(r.encode) }

// UnmarshalJSON replaces the response by the one that data holds.
func (r *StepResponse) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(r, data, (*StepResponse).decode)
}

// LogValue returns the status, not what came back.
func (r StepResponse) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("code", r.Code))
}

// StepContext is what a node worked with.
type StepContext struct {
	// Output is any JSON, null in the service's sample.
	Output json.RawMessage `json:"output"`
	// UserInput is what the caller said to this step; it may be empty.
	UserInput string `json:"user_input"`
	// URL is that of the request, again; it may be empty.
	URL string `json:"url"`
	// Status is how the step ended.
	Status StepStatus `json:"status"`
	// ExecutionParameters are the parameters during the step.
	ExecutionParameters []Parameter `json:"execution_parameters"`
	// AlteredParameters are those that the step changed. The service lists them
	// as searchable and sends them in no sample.
	AlteredParameters []Parameter `json:"altered_parameters"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (c *StepContext) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "output":
			c.Output = d.RawMessage()
		case "user_input":
			c.UserInput = d.Text()
		case "url":
			c.URL = d.String()
		case "status":
			c.Status = StepStatus{}
			c.Status.decode(d)
		case "execution_parameters":
			c.ExecutionParameters = jsonpull.List(d, (*Parameter).decode)
		case "altered_parameters":
			c.AlteredParameters = jsonpull.List(d, (*Parameter).decode)
		default:
			c.Extra = obj.Keep(c.Extra)
		}
	}
}

func (c *StepContext) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.Raw("output", c.Output)
		w.StringAlways("user_input", c.UserInput)
		w.StringAlways("url", c.URL)
		w.Key("status")
		c.Status.encode(w)
		jsonpull.WriteList(w, "execution_parameters", c.ExecutionParameters, (*Parameter).encode)
		jsonpull.WriteList(w, "altered_parameters", c.AlteredParameters, (*Parameter).encode)
		w.Extra(c.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (c StepContext) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(c.encode) }

// UnmarshalJSON replaces the context by the one that data holds.
func (c *StepContext) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(c, data, (*StepContext).decode)
}

// LogValue returns counts and the status, not what was said.
func (c StepContext) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("code", c.Status.Code),
		slog.Int("execution_parameters", len(c.ExecutionParameters)),
		slog.Int("altered_parameters", len(c.AlteredParameters)),
	)
}

// StepStatus is how a step ended.
type StepStatus struct {
	// Code is an HTTP status.
	Code int `json:"code"`
	// Message may be JSON inside of a text, or empty; see MessageJSON.
	Message string `json:"message"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessageJSON returns Message as JSON, and reports whether it is that.
func (s *StepStatus) MessageJSON() (json.RawMessage, bool) { return embedded(s.Message) }

func (s *StepStatus) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "code":
			s.Code = d.Int()
		case "message":
			s.Message = d.Text()
		default:
			s.Extra = obj.Keep(s.Extra)
		}
	}
}

func (s *StepStatus) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.IntAlways("code", int64(s.Code))
		w.StringAlways("message", s.Message)
		w.Extra(s.Extra)
	})
}

// MarshalJSON writes the fields and Extra as the service does.
func (s StepStatus) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(s.encode) }

// UnmarshalJSON replaces the status by the one that data holds.
func (s *StepStatus) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(s, data, (*StepStatus).decode)
}

// LogValue returns the status, not the message.
func (s StepStatus) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("code", s.Code))
}

// embedded returns the JSON that text holds, if it does.
func embedded(text string) (json.RawMessage, bool) {
	raw := json.RawMessage(strings.TrimSpace(text))
	if !json.Valid(raw) {
		return nil, false
	}
	return raw, true
}
