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

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/benchmarks/reading"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// corpus describes what a fake serves. The same description is the same sessions,
// byte for byte.
type corpus struct {
	Sessions int           `json:"sessions"`
	Days     int           `json:"days"`  // over which they are spread
	Delay    time.Duration `json:"delay"` // before each answer

	// Pages are the sizes of answers made beforehand, each of the first sessions
	// whatever is asked for; none for a fake that answers what it is asked for.
	Pages []int `json:"pages"`
	Rate  int   `json:"rate"` // bytes a second at which they are written; 0 for all there is

	// Receiver is the name of what receives so many events instead; empty for none.
	Receiver string `json:"receiver"`
	Events   int    `json:"events"`
}

func (c *corpus) String() string { return fmt.Sprintf("%d sessions of %d days", c.Sessions, c.Days) }

const seed = 20230101

// query asks for all of the corpus.
func (c *corpus) query() vonageinsights.Query {
	from := time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)
	return vonageinsights.Query{From: from, To: from.AddDate(0, 0, c.Days).Add(-time.Microsecond)}
}

// job reads all of the corpus in so many calls, with pages of a size.
func (c *corpus) job(way string, size, times int) reading.Job {
	span := c.query()
	return reading.Job{
		Way: way, Key: vonageinsightstest.APIKey, From: span.From, To: span.To,
		Size: size, Times: times, Sessions: c.Sessions / times,
	}
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
func (c *corpus) session(i int) *plain.Session {
	w := &writer{rand.New(rand.NewPCG(seed, uint64(i)))} //nolint:gosec // made up, and from 0
	id := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%s", i, w.IntN(1<<16), w.IntN(1<<12), w.IntN(1<<12), w.hex(12))
	recording, code := "recordings/"+id+".mp3", 200
	name := plain.Parameter{Name: "name", Type: "sys.person", Value: w.sentence(2), Completed: true}
	name.ValueText = name.Value
	account := plain.Parameter{Name: "ACCOUNT.NUMBER", Type: "sys.number", Value: w.digits(8), ValueText: w.digits(8), Completed: true}
	known := []plain.Parameter{name, account}
	category := w.hex(32)
	s := &plain.Session{
		ID: id, AccountID: w.hex(24), APIKey: "N/A", Source: w.digits(11), Destination: w.digits(11),
		Channel: "telephony", Language: "en-US", Status: "ended",
		SessionStartTime: c.moment(w).Format("2006-01-02T15:04:05.000000"),
		AgentInformation: plain.Agent{ID: w.hex(24), VersionID: w.hex(24), Name: "Front desk", Voice: "Amy", Language: "en-US"},
		ChannelData:      plain.ChannelData{Duration: w.Int64N(600_000), AudioURL: &recording, CallStatus: "ended", StatusCode: &code},
		RequestIDs:       []string{w.hex(32), w.hex(32)},
		Tags:             map[string]map[string]int{category: {"refund": 1, "polite": 2}},
		TagsList:         []plain.TagCount{{Count: 1, Tag: "refund", Category: category}, {Count: 2, Tag: "polite", Category: category}},
		Params:           map[string]plain.Param{name.Name: {Completed: true, Value: name.Value}, account.Name: {Completed: true, Value: account.Value}},
		ParamsList:       known,
		FlowData: plain.FlowData{
			CollectedTags:       []plain.Tag{{Tag: "refund", Category: category}, {Tag: "polite", Category: category}, {Tag: "polite", Category: category}},
			CollectedParameters: known,
			InjectedParameters:  []plain.Parameter{},
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

// moment is when a call comes: mostly between 8 and 20 o'clock. Its last digit is
// 1, so that it is written the same with and without zeros at the end.
func (c *corpus) moment(w *writer) time.Time {
	at := c.query().From.AddDate(0, 0, w.IntN(c.Days))
	if w.IntN(10) == 0 {
		at = at.Add(time.Duration(w.Int64N(int64(24 * time.Hour))))
	} else {
		at = at.Add(8*time.Hour + time.Duration(w.Int64N(int64(12*time.Hour))))
	}
	return at.Truncate(10 * time.Microsecond).Add(time.Microsecond)
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

var vocabulary = [...]string{
	"I", "you", "would", "like", "the", "order", "refund", "please", "parcel", "Tuesday", "afternoon", "thanks",
	"number", "delivered", "street", "it's", "Friday", "coffee", "yes", "no", "money", "back", "hold", "moment",
}

// oddWords have to be escaped in JSON, or are longer in UTF-8. One word of twenty is
// such a one, which is more than in the vendors' samples.
var oddWords = [...]string{"café", "Zoë", "\"express\"", "12 €"}

func (w *writer) sentence(words int) string {
	list := make([]string, words)
	for i := range list {
		if list[i] = vocabulary[w.IntN(len(vocabulary))]; w.IntN(20) == 0 {
			list[i] = oddWords[w.IntN(len(oddWords))]
		}
	}
	return strings.Join(list, " ")
}

// speak is a step in which the agent says something, through another service.
func (w *writer) speak(s *plain.Session, known []plain.Parameter) plain.Step {
	const url = "https://telephony.example/api/actions/speak"
	answer := `{"message": "Registered the action for session_id: ` + s.ID + `"}`
	return plain.Step{
		NodeID: w.hex(24), Type: "speak", Tags: []plain.Tag{s.FlowData.CollectedTags[0]}, ExecutionTime: w.Int64N(5000), Synchronized: true,
		RequestID: s.RequestIDs[0],
		Request: plain.StepRequest{
			Payload: `{"session_id": "` + s.ID + `", "action_id": "` + w.hex(24) + `", "type": "speak", "voice_id": "Amy"}`,
			Headers: `{"Content-Type": "application/json"}`, Verb: "POST", URL: url,
		},
		Response: plain.StepResponse{Payload: answer, Code: 201},
		Context:  plain.StepContext{ExecutionParameters: known, Status: plain.StepStatus{Code: 201, Message: answer}, URL: url},
	}
}

// listen is a step in which the caller says something.
func (w *writer) listen(s *plain.Session, known []plain.Parameter) plain.Step {
	return plain.Step{
		NodeID: w.hex(24), Type: "param_completion", Tags: []plain.Tag{}, ExecutionTime: w.Int64N(500), Synchronized: true,
		RequestID: s.RequestIDs[1],
		Request:   plain.StepRequest{Verb: "POST"},
		Response:  plain.StepResponse{Code: 200},
		Context:   plain.StepContext{ExecutionParameters: known, Status: plain.StepStatus{Code: 200}, UserInput: w.sentence(3)},
	}
}
