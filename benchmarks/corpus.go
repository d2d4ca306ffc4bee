package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// corpus describes what a fake serves. The same description is the same sessions,
// byte for byte.
type corpus struct {
	Sessions int           `json:"sessions"`
	Days     int           `json:"days"`  // over which they are spread
	Delay    time.Duration `json:"delay"` // before each answer
}

func (c *corpus) String() string { return fmt.Sprintf("%d sessions of %d days", c.Sessions, c.Days) }

const seed = 20230101

// query asks for all of the corpus.
func (c *corpus) query() vonageinsights.Query {
	from := time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)
	return vonageinsights.Query{From: from, To: from.AddDate(0, 0, c.Days).Add(-time.Microsecond)}
}

// fill adds the sessions to a fake, with all cores, as there may be a gigabyte.
func (c *corpus) fill(server *vonageinsightstest.Server) error {
	workers := runtime.NumCPU()
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < c.Sessions && errs[w] == nil; i += workers {
				errs[w] = c.add(server, i)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func (c *corpus) add(server *vonageinsightstest.Server, i int) error {
	document, err := json.Marshal(c.session(i)) //nolint:gosec // its API key is "N/A"
	if err != nil {
		return err
	}
	return server.AddJSON(document)
}

// session returns the i-th session: a call of about 7 KB, of the shape of the
// sample on studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *corpus) session(i int) *session {
	w := &writer{rand.New(rand.NewPCG(seed, uint64(i)))} //nolint:gosec // made up, and from 0
	id := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%s", i, w.IntN(1<<16), w.IntN(1<<12), w.IntN(1<<12), w.hex(12))
	recording, code := "recordings/"+id+".mp3", 200
	name := parameter{Name: "name", Type: "sys.person", Value: w.sentence(2), Completed: true}
	name.ValueText = name.Value
	account := parameter{Name: "ACCOUNT.NUMBER", Type: "sys.number", Value: w.digits(8), ValueText: w.digits(8), Completed: true}
	known := []parameter{name, account}
	category := w.hex(32)
	s := &session{
		ID: id, AccountID: w.hex(24), APIKey: "N/A", Source: w.digits(11), Destination: w.digits(11),
		Channel: "telephony", Language: "en-US", Status: "ended",
		SessionStartTime: c.moment(w).Format("2006-01-02T15:04:05.000000"),
		AgentInformation: agent{ID: w.hex(24), VersionID: w.hex(24), Name: "Front desk", Voice: "Amy", Language: "en-US"},
		ChannelData:      channelData{Duration: w.Int64N(600_000), AudioURL: &recording, CallStatus: "ended", StatusCode: &code},
		RequestIDs:       []string{w.hex(32), w.hex(32)},
		Tags:             map[string]map[string]int{category: {"refund": 1, "polite": 2}},
		TagsList:         []tagCount{{1, "refund", category}, {2, "polite", category}},
		Params:           map[string]param{name.Name: {true, name.Value}, account.Name: {true, account.Value}},
		ParamsList:       known,
		FlowData: flowData{
			CollectedTags:       []tag{{"refund", category}, {"polite", category}, {"polite", category}},
			CollectedParameters: known,
			InjectedParameters:  []parameter{},
		},
	}
	for turn := range 6 {
		speaker := "user"
		if turn%2 == 0 {
			speaker = s.AgentInformation.VersionID
		}
		s.Transcription = append(s.Transcription, map[string]string{speaker: w.sentence(4 + w.IntN(12))})
		if turn%2 == 0 {
			s.FlowPath = append(s.FlowPath, w.speak(s, known))
		} else {
			s.FlowPath = append(s.FlowPath, w.listen(s, known))
		}
	}
	return s
}

// moment is when a call comes: mostly between 8 and 20 o'clock.
func (c *corpus) moment(w *writer) time.Time {
	at := c.query().From.AddDate(0, 0, w.IntN(c.Days))
	if w.IntN(10) == 0 {
		return at.Add(time.Duration(w.Int64N(int64(24 * time.Hour))))
	}
	return at.Add(8*time.Hour + time.Duration(w.Int64N(int64(12*time.Hour))))
}

// writer makes up what stands in a session.
type writer struct{ *rand.Rand }

func (w *writer) hex(n int) string { return w.pick(n, "0123456789abcdef") }

func (w *writer) digits(n int) string { return w.pick(n, "123456789") }

func (w *writer) pick(n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[w.IntN(len(from))]
	}
	return string(b)
}

// vocabulary has what has to be escaped in JSON, and what is longer in UTF-8.
var vocabulary = [...]string{
	"I", "you", "would", "like", "the", "order", "refund", "please", "parcel", "Tuesday", "afternoon", "thanks",
	"number", "delivered", "café", "Zoë", "\"express\"", "12 €", "yes", "no", "money", "back", "hold", "moment",
}

func (w *writer) sentence(words int) string {
	list := make([]string, words)
	for i := range list {
		list[i] = vocabulary[w.IntN(len(vocabulary))]
	}
	return strings.Join(list, " ")
}

// speak is a step in which the agent says something, through another service.
func (w *writer) speak(s *session, known []parameter) step {
	const url = "https://telephony.example/api/actions/speak"
	answer := `{"message": "Registered the action for session_id: ` + s.ID + `"}`
	return step{
		NodeID: w.hex(24), Type: "speak", Tags: []tag{s.FlowData.CollectedTags[0]}, ExecutionTime: w.Int64N(5000), Synchronized: true,
		RequestID: s.RequestIDs[0],
		Request: stepRequest{
			Payload: `{"session_id": "` + s.ID + `", "action_id": "` + w.hex(24) + `", "type": "speak", "voice_id": "Amy"}`,
			Headers: `{"Content-Type": "application/json"}`, Verb: "POST", URL: url,
		},
		Response: stepResponse{Payload: answer, Code: 201},
		Context:  stepContext{ExecutionParameters: known, Status: stepStatus{201, answer}, URL: url},
	}
}

// listen is a step in which the caller says something.
func (w *writer) listen(s *session, known []parameter) step {
	return step{
		NodeID: w.hex(24), Type: "param_completion", Tags: []tag{}, ExecutionTime: w.Int64N(500), Synchronized: true,
		RequestID: s.RequestIDs[1],
		Request:   stepRequest{Verb: "POST"},
		Response:  stepResponse{Code: 200},
		Context:   stepContext{ExecutionParameters: known, Status: stepStatus{200, ""}, UserInput: w.sentence(3)},
	}
}
