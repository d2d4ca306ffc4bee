package whippytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
)

// object is a JSON object whose members keep their order. Events are written
// as docs.whippy.ai/docs/introduction and docs.whippy.ai/docs/calls show them,
// with null for what is not there, and so in another form than the one in
// which package whippy stores them.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := compact(m.key) // a string can always be written
		value, err := compact(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// compact is json.Marshal without the escapes for HTML.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func encode(e *whippy.Event) ([]byte, error) {
	var data any
	switch d := e.Data.(type) {
	case *whippy.Call:
		if d != nil {
			data = callObject(d)
		}
	case *whippy.Message:
		if d != nil {
			data = callObject((*whippy.Call)(d))
		}
	case *whippy.Unknown:
		if d != nil {
			data = d.Raw
		}
	}
	if data == nil {
		return nil, errors.New("an event without Data cannot be written")
	}
	return compact(object{
		{"data", data},
		{"api_version", orNull(e.APIVersion)},
		{"event", e.Type},
		{"created_at", timeOrNull(e.CreatedAt)},
		{"request_id", e.RequestID},
	}.with(e.Extra))
}

func callObject(c *whippy.Call) object {
	o := object{
		{"id", c.ID},
		{"delivery_status", orNull(c.DeliveryStatus)},
		{"direction", orNull(c.Direction)},
		{"type", orNull(c.Type)},
		{"mode", orNull(c.Mode)},
		{"body", orNull(c.Body)},
		{"translated_body", orNull(c.TranslatedBody)},
		{"language", orNull(c.Language)},
		{"translation_language", orNull(c.TranslationLanguage)},
		{"from", orNull(c.From)},
		{"to", orNull(c.To)},
		{"created_at", timeOrNull(c.CreatedAt)},
		{"updated_at", timeOrNull(c.UpdatedAt)},
		{"conversation_id", orNull(c.ConversationID)},
		{"contact_id", orNull(c.ContactID)},
		{"channel_id", orNull(c.ChannelID)},
		{"campaign_id", orNull(c.CampaignID)},
		{"campaign_contact_id", orNull(c.CampaignContactID)},
		{"sequence_id", orNull(c.SequenceID)},
		{"step_contact_id", orNull(c.StepContactID)},
		{"step_id", orNull(c.StepID)},
		{"user_id", numberOrText(c.UserID)},
	}
	if c.Metadata != nil {
		o = append(o, member{"metadata", metadataObject(c.Metadata)})
	}
	files := make([]object, len(c.Attachments))
	for i := range c.Attachments {
		files[i] = attachmentObject(&c.Attachments[i])
	}
	return append(o, member{"attachments", files}).with(c.Extra)
}

func metadataObject(m *whippy.Metadata) object {
	var analysis any
	if m.Analysis != nil {
		analysis = analysisObject(m.Analysis)
	}
	return object{
		{"type", orNull(m.Type)},
		{"duration", m.DurationMs},
		{"placeholders_data", m.PlaceholdersData},
		{"analysis", analysis},
		{"agent_id", orNull(m.AgentID)},
		{"agent_version_id", orNull(m.AgentVersionID)},
		{"llm_id", orNull(m.LLMID)},
		{"llm_version_id", orNull(m.LLMVersionID)},
	}.with(m.Extra)
}

func analysisObject(a *whippy.Analysis) object {
	return object{
		{"agent_task_completion_rating", orNull(a.AgentTaskCompletionRating)},
		{"call_completion_rating", orNull(a.CallCompletionRating)},
		{"call_successful", a.CallSuccessful},
		{"call_summary", orNull(a.CallSummary)},
		{"custom_analysis_dat", a.CustomAnalysisData}, // without the last letter, as on the page
		{"in_voicemail", a.InVoicemail},
		{"user_sentiment", orNull(a.UserSentiment)},
	}.with(a.Extra)
}

func attachmentObject(a *whippy.Attachment) object {
	return object{
		{"agent_id", orNull(a.AgentID)},
		{"content_type", orNull(a.ContentType)},
		{"url", a.URL},
	}.with(a.Extra)
}

// with appends the members that the models do not know, in the order of their
// keys.
func (o object) with(extra map[string]json.RawMessage) object {
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		o = append(o, member{key, extra[key]})
	}
	return o
}

func orNull[T ~string](v T) any {
	if v == "" {
		return nil
	}
	return v
}

// timeOrNull writes a time with microseconds and Z, as the pages have it.
func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// numberOrText writes the id of a user, which is a number on Whippy's older
// pages.
func numberOrText(id string) any {
	if _, err := strconv.ParseUint(id, 10, 64); err == nil && id[0] != '0' {
		return json.Number(id)
	}
	return orNull(id)
}
