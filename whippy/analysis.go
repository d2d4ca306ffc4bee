package whippy

import (
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// Analysis is what Whippy made of a call after its end; see
// docs.whippy.ai/docs/calls. All of it may be empty.
type Analysis struct {
	// AgentTaskCompletionRating says whether the agent did what it was to do,
	// and CallCompletionRating whether the call came to its end.
	AgentTaskCompletionRating Rating `json:"agent_task_completion_rating"`
	CallCompletionRating      Rating `json:"call_completion_rating"`
	// CallSuccessful is nil where Whippy does not say.
	CallSuccessful *bool `json:"call_successful"`
	// CallSummary is a few sentences.
	CallSummary string `json:"call_summary"`
	// CustomAnalysisData holds the answers to the questions that the account
	// defined for its agent, as they were sent; see
	// [Analysis.DecodeCustomAnalysis]. It may come as custom_analysis_data or
	// as custom_analysis_dat: this is the one that holds something. Where both
	// do, it is the first, and the second is in Extra.
	CustomAnalysisData json.RawMessage `json:"custom_analysis_data"`
	// InVoicemail says whether a voice mailbox answered, nil where Whippy does
	// not say.
	InVoicemail *bool `json:"in_voicemail"`
	// UserSentiment is how the other side felt.
	UserSentiment Sentiment `json:"user_sentiment"`
	// Extra holds the members that this version does not know or cannot read.
	Extra map[string]json.RawMessage `json:"-"`
}

// Rating says how far something was completed. The set is open.
type Rating string

// The ratings. Whippy's page shows the first one; the others are those of
// Retell (docs.retellai.com), whose analysis has the same members, and so are
// probable.
const (
	RatingComplete   Rating = "Complete"
	RatingIncomplete Rating = "Incomplete"
	RatingPartial    Rating = "Partial"
)

// Sentiment is how somebody felt. The set is open.
type Sentiment string

// The sentiments. Whippy's page shows the first one; the others are those of
// Retell (docs.retellai.com), whose analysis has the same members, and so are
// probable.
const (
	SentimentPositive Sentiment = "Positive"
	SentimentNegative Sentiment = "Negative"
	SentimentNeutral  Sentiment = "Neutral"
	SentimentUnknown  Sentiment = "Unknown"
)

// DecodeCustomAnalysis decodes CustomAnalysisData into v as [json.Unmarshal]
// does. Where there is none it leaves v as it is. The text of the error names
// the place and the Go type and holds nothing of the data; the cause is the
// error of encoding/json.
func (a *Analysis) DecodeCustomAnalysis(v any) error {
	if len(a.CustomAnalysisData) == 0 {
		return nil
	}
	return decodeInto("Analysis.DecodeCustomAnalysis", a.CustomAnalysisData, v)
}

const (
	customKey      = "custom_analysis_data"
	customShortKey = "custom_analysis_dat" // as on Whippy's page
)

func (a *Analysis) decode(d *jsonpull.Decoder) {
	var custom, customShort json.RawMessage
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "agent_task_completion_rating":
			a.AgentTaskCompletionRating = Rating(d.Text())
		case "call_completion_rating":
			a.CallCompletionRating = Rating(d.Text())
		case "call_successful":
			a.CallSuccessful = jsonpull.TakeOrKeep(&obj, &a.Extra, func() *bool { return optional(d, d.Bool) })
		case "call_summary":
			a.CallSummary = d.Text()
		case customKey:
			custom = d.RawMessage()
		case customShortKey:
			customShort = d.RawMessage()
		case "in_voicemail":
			a.InVoicemail = jsonpull.TakeOrKeep(&obj, &a.Extra, func() *bool { return optional(d, d.Bool) })
		case "user_sentiment":
			a.UserSentiment = Sentiment(d.Text())
		default:
			a.Extra = obj.Keep(a.Extra)
		}
	}
	a.chooseCustom(custom, customShort)
}

// chooseCustom keeps the spelling that holds something, and the other one in
// Extra if it does too.
func (a *Analysis) chooseCustom(custom, short json.RawMessage) {
	a.CustomAnalysisData = custom
	switch {
	case custom == nil, isEmpty(custom) && !isEmpty(short):
		a.CustomAnalysisData = short
	case !isEmpty(short):
		if a.Extra == nil {
			a.Extra = make(map[string]json.RawMessage)
		}
		a.Extra[customShortKey] = short
	}
}

// isEmpty reports whether raw is nothing, null, or an empty text, object or list.
func isEmpty(raw json.RawMessage) bool {
	var inner int
	for _, c := range raw {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			inner++
		}
	}
	return inner == 0 || isNull(raw) || inner == 2 && (raw[0] == '{' || raw[0] == '[' || string(raw) == `""`)
}

func (a *Analysis) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("agent_task_completion_rating", string(a.AgentTaskCompletionRating))
		w.String("call_completion_rating", string(a.CallCompletionRating))
		if a.CallSuccessful != nil {
			w.BoolAlways("call_successful", *a.CallSuccessful)
		}
		w.String("call_summary", a.CallSummary)
		w.Raw(customKey, a.CustomAnalysisData)
		if a.InVoicemail != nil {
			w.BoolAlways("in_voicemail", *a.InVoicemail)
		}
		w.String("user_sentiment", string(a.UserSentiment))
		w.Extra(a.Extra)
	})
}

// MarshalJSON writes the analysis in the form that Whippy sends, see
// "Encoding" in the documentation of the package.
func (a Analysis) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(a.encode) }

// UnmarshalJSON reads the analysis of a call; null changes nothing. It fails
// with a [*DecodeError].
func (a *Analysis) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(a, data, (*Analysis).decode)
}

// LogValue returns how much the analysis holds.
func (a Analysis) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("summary_bytes", len(a.CallSummary)),
		slog.Int("custom_bytes", len(a.CustomAnalysisData)),
	)
}
