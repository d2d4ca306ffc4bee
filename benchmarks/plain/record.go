package plain

import "time"

// Record is a recording and its insights, as RingSense sends them.
//
//easyjson:json
type Record struct { //nolint:recvcheck // easyjson generates the methods
	Title               string    `json:"title"`
	RSRecordURI         string    `json:"rsRecordUri"`
	Domain              string    `json:"domain"`
	SourceRecordID      string    `json:"sourceRecordId"`
	SourceSessionID     string    `json:"sourceSessionId"`
	CallDirection       string    `json:"callDirection"`
	OwnerExtensionID    string    `json:"ownerExtensionId"`
	RecordingDurationMs int64     `json:"recordingDurationMs"`
	RecordingStartTime  time.Time `json:"recordingStartTime"`
	CreationTime        time.Time `json:"creationTime"`
	LastModifiedTime    time.Time `json:"lastModifiedTime"`
	SpeakerInfo         []Speaker `json:"speakerInfo"`
	Insights            Insights  `json:"insights"`
}

// Speaker is a participant of a call.
type Speaker struct {
	SpeakerID   string  `json:"speakerId"`
	Name        string  `json:"name"`
	AccountID   *string `json:"accountId"`
	ExtensionID *string `json:"extensionId"`
	PhoneNumber string  `json:"phoneNumber"`
}

// Insights is what the service made of a call.
type Insights struct {
	Transcript      []Utterance `json:"Transcript"`
	Summary         []Insight   `json:"Summary"`
	Highlights      []Insight   `json:"Highlights"`
	NextSteps       []Insight   `json:"NextSteps"`
	BulletedSummary []Insight   `json:"BulletedSummary"`
	AIScore         []Insight   `json:"AIScore"`
	CallNotes       []Insight   `json:"CallNotes"`
	Sentiment       []Insight   `json:"Sentiment"`
	QnA             []Insight   `json:"QnA"`
}

// Utterance is a piece of a transcript.
type Utterance struct {
	SpeakerID string  `json:"speakerId"`
	Text      string  `json:"text"`
	Start     float64 `json:"start"`
	End       float64 `json:"end"`
}

// Insight is an insight of any other kind.
type Insight struct {
	Value     string  `json:"value"`
	SpeakerID string  `json:"speakerId,omitempty"`
	Start     float64 `json:"start,omitempty"`
	End       float64 `json:"end,omitempty"`
	Section   string  `json:"section,omitempty"`
}
