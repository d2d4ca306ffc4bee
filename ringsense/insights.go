package ringsense

import (
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// InsightType names a kind of insight, for [OnlyTypes]. The list of the service
// grows; any other text may be used too.
type InsightType string

// The kinds of insight that can be asked for by name. QnA, which some contact
// centre answers hold, is not among them.
const (
	TypeTranscript      InsightType = "Transcript"
	TypeSummary         InsightType = "Summary"
	TypeHighlights      InsightType = "Highlights"
	TypeNextSteps       InsightType = "NextSteps"
	TypeBulletedSummary InsightType = "BulletedSummary"
	TypeAIScore         InsightType = "AIScore"
	TypeCallNotes       InsightType = "CallNotes"
	TypeSentiment       InsightType = "Sentiment"
)

// The values of an insight in [Insights.Sentiment].
const (
	SentimentPositive = "Positive"
	SentimentNegative = "Negative"
	SentimentNeutral  = "Neutral"
)

// Insights is what the service made of a conversation. A kind that is missing
// is nil: it does not apply, or is not ready yet, or was not asked for. The
// kinds are described on developers.ringcentral.com/guide/ai/ace; QnA is not on
// that page and was seen in answers for contact centre calls.
type Insights struct {
	// Transcript is what was said, utterance by utterance.
	Transcript []Utterance `json:"Transcript"`
	// Summary is in paragraphs. Their Start and End count paragraphs rather
	// than seconds in the samples of the service: 0 to 1, 1 to 2.
	Summary []Insight `json:"Summary"`
	// Highlights are the key points and notable moments, by speaker. The
	// service's pages spell the key HighLights as well; both are read.
	Highlights []Insight `json:"Highlights"`
	// NextSteps are the things to do, by speaker.
	NextSteps []Insight `json:"NextSteps"`
	// BulletedSummary is the summary in short sentences, some under the heading
	// of a Section.
	BulletedSummary []Insight `json:"BulletedSummary"`
	// AIScore says how sure the service is of its analysis; see [Insight.Score].
	AIScore []Insight `json:"AIScore"`
	// CallNotes are the notes that AI Notes took during a phone call, if it was
	// on and its notes are imported; see [Insight.Lines].
	CallNotes []Insight `json:"CallNotes"`
	// Sentiment is one of [SentimentPositive], [SentimentNegative] and
	// [SentimentNeutral].
	Sentiment []Insight `json:"Sentiment"`
	// QnA are questions and answers, by speaker.
	QnA []Insight `json:"QnA"`
	// Extra holds the kinds that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (i *Insights) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		if obj.Key == "Transcript" {
			i.Transcript = oneOrMore(d, (*Utterance).decode)
		} else if list := i.kind(obj.Key); list != nil {
			*list = oneOrMore(d, (*Insight).decode)
		} else {
			i.Extra = obj.Keep(i.Extra)
		}
	}
}

// kind returns where the insights of a kind are kept, nil for one not known.
func (i *Insights) kind(key string) *[]Insight {
	switch key {
	case "Summary":
		return &i.Summary
	case "Highlights", "HighLights":
		return &i.Highlights
	case "NextSteps":
		return &i.NextSteps
	case "BulletedSummary":
		return &i.BulletedSummary
	case "AIScore":
		return &i.AIScore
	case "CallNotes":
		return &i.CallNotes
	case "Sentiment":
		return &i.Sentiment
	case "QnA":
		return &i.QnA
	}
	return nil
}

// oneOrMore takes a list. An object by itself is a list of one: the service's
// page calls some kinds a list in one place and an object in the next.
func oneOrMore[T any](d *jsonpull.Decoder, decode func(*T, *jsonpull.Decoder)) []T {
	if d.Kind() != '{' {
		return jsonpull.List(d, decode)
	}
	list := make([]T, 1)
	decode(&list[0], d)
	return list
}

func (i *Insights) encode(w *jsonpull.Writer) {
	w.Object(func() {
		jsonpull.WriteList(w, "Transcript", i.Transcript, (*Utterance).encode)
		jsonpull.WriteList(w, "Summary", i.Summary, (*Insight).encode)
		jsonpull.WriteList(w, "Highlights", i.Highlights, (*Insight).encode)
		jsonpull.WriteList(w, "NextSteps", i.NextSteps, (*Insight).encode)
		jsonpull.WriteList(w, "BulletedSummary", i.BulletedSummary, (*Insight).encode)
		jsonpull.WriteList(w, "AIScore", i.AIScore, (*Insight).encode)
		jsonpull.WriteList(w, "CallNotes", i.CallNotes, (*Insight).encode)
		jsonpull.WriteList(w, "Sentiment", i.Sentiment, (*Insight).encode)
		jsonpull.WriteList(w, "QnA", i.QnA, (*Insight).encode)
		w.Extra(i.Extra)
	})
}

// MarshalJSON writes the kinds that are there, and Extra.
func (i Insights) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(i.encode) }

// UnmarshalJSON replaces the insights by those that data holds.
func (i *Insights) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(i, data, (*Insights).decode)
}

// LogValue returns how many there are of each kind, not what they say.
func (i Insights) LogValue() slog.Value {
	var attrs []slog.Attr
	count := func(key string, n int) {
		if n > 0 {
			attrs = append(attrs, slog.Int(key, n))
		}
	}
	count("transcript", len(i.Transcript))
	count("summary", len(i.Summary))
	count("highlights", len(i.Highlights))
	count("next_steps", len(i.NextSteps))
	count("bulleted_summary", len(i.BulletedSummary))
	count("ai_score", len(i.AIScore))
	count("call_notes", len(i.CallNotes))
	count("sentiment", len(i.Sentiment))
	count("qna", len(i.QnA))
	count("extra", len(i.Extra))
	return slog.GroupValue(attrs...)
}

// Utterance is a piece of the transcript, as described on
// developers.ringcentral.com/guide/ai/ace.
type Utterance struct {
	// SpeakerID says who spoke; see [RecordingInsights.Speaker].
	SpeakerID string `json:"speakerId"`
	// Text is what was said.
	Text string `json:"text"`
	// Start and End are in seconds from the start of the recording.
	Start Seconds `json:"start"`
	End   Seconds `json:"end"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (u *Utterance) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "speakerId":
			u.SpeakerID = d.String()
		case "text":
			u.Text = d.String()
		case "start":
			u.Start = Seconds(d.Float64())
		case "end":
			u.End = Seconds(d.Float64())
		default:
			u.Extra = obj.Keep(u.Extra)
		}
	}
}

func (u *Utterance) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("speakerId", u.SpeakerID)
		w.StringAlways("text", u.Text)
		w.FloatAlways("start", float64(u.Start))
		w.FloatAlways("end", float64(u.End))
		w.Extra(u.Extra)
	})
}

// MarshalJSON writes all members, also those that are empty, and Extra.
func (u Utterance) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(u.encode) }

// UnmarshalJSON replaces the utterance by the one that data holds.
func (u *Utterance) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(u, data, (*Utterance).decode)
}

// LogValue returns the speaker's id alone.
func (u Utterance) LogValue() slog.Value {
	return slog.GroupValue(slog.String("speaker_id", u.SpeakerID))
}

// Insight is one insight of any kind but the transcript, as described on
// developers.ringcentral.com/guide/ai/ace. Value is the only field that all
// kinds have.
type Insight struct {
	// Value is what the insight says. Should the service send an object or a
	// list, it is the JSON text of that.
	Value string `json:"value"`
	// SpeakerID says whom it is about; empty for kinds that are about the whole
	// conversation.
	SpeakerID string `json:"speakerId"`
	// Start and End are in seconds from the start of the recording; both are 0
	// where the service sends none. See [Insights.Summary] for its exception.
	Start Seconds `json:"start"`
	End   Seconds `json:"end"`
	// Section is the heading that a bullet stands under; it may be empty.
	Section string `json:"section"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// Score returns the number in Value, which the service sends as a text. It
// reports whether there is one. Use it on [Insights.AIScore].
func (i *Insight) Score() (float64, bool) {
	score, err := strconv.ParseFloat(strings.TrimSpace(i.Value), 64)
	if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
		return 0, false
	}
	return score, true
}

// Lines returns the lines of Value without surrounding space and without empty
// ones. Use it on [Insights.CallNotes], whose notes are one text.
func (i *Insight) Lines() []string {
	var lines []string
	for line := range strings.Lines(i.Value) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (i *Insight) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "value":
			i.Value = d.Text()
		case "speakerId":
			i.SpeakerID = d.String()
		case "start":
			i.Start = Seconds(d.Float64())
		case "end":
			i.End = Seconds(d.Float64())
		case "section":
			i.Section = d.String()
		default:
			i.Extra = obj.Keep(i.Extra)
		}
	}
}

func (i *Insight) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.StringAlways("value", i.Value)
		w.String("speakerId", i.SpeakerID)
		if i.Start != 0 || i.End != 0 {
			w.FloatAlways("start", float64(i.Start))
			w.FloatAlways("end", float64(i.End))
		}
		w.String("section", i.Section)
		w.Extra(i.Extra)
	})
}

// MarshalJSON writes the insight as the service does: Value always, Start and
// End unless both are 0, the rest unless it is empty.
func (i Insight) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(i.encode) }

// UnmarshalJSON replaces the insight by the one that data holds.
func (i *Insight) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(i, data, (*Insight).decode)
}

// LogValue returns the speaker's id alone.
func (i Insight) LogValue() slog.Value {
	return slog.GroupValue(slog.String("speaker_id", i.SpeakerID))
}
