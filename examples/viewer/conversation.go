package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/callinsights/callinsights-go"
)

// conversation is a call, a meeting or a session with a bot: the one shape in which
// the page shows what came from any of the services. Any of it but Service may be
// empty.
type conversation struct {
	Service   service
	ID        string // of the service
	Title     string
	Start     time.Time     // in UTC
	Length    time.Duration // 0 where it is not known
	Direction direction
	Medium    string // such as "phone call"
	Outcome   string // how it ended, or that it goes on
	Sentiment sentiment
	Page      string // where the service shows it

	Speakers []speaker // in the order in which they first speak; then those who say nothing
	Turns    []turn
	Timed    bool // whether the service says when each turn was

	Summary []string // paragraphs
	Lists   []list
	Facts   []fact

	modified time.Time // the latest of several versions counts
	place    string    // the file and the line that it was read from, "" for none
	bytes    int64     // how much of the library's room it takes
	folded   folded    // what a search looks at
}

// service is where a conversation came from.
type service string

// The services.
const (
	serviceRingSense service = "ringsense"
	serviceVonage    service = "vonage"
	serviceWhippy    service = "whippy"
)

// Name is what people call the service.
func (s service) Name() string {
	switch s {
	case serviceRingSense:
		return "RingSense"
	case serviceVonage:
		return "Vonage AI Studio"
	case serviceWhippy:
		return "Whippy"
	}
	return string(s)
}

// direction says who called whom, in lower case.
type direction string

// The directions.
const (
	inbound  direction = "inbound"
	outbound direction = "outbound"
)

// sentiment is how a conversation went, in lower case. Services may have more of
// them than these.
type sentiment string

// The sentiments.
const (
	positive sentiment = "positive"
	neutral  sentiment = "neutral"
	negative sentiment = "negative"
)

// Known reports whether it is one of the three, which have a colour.
func (s sentiment) Known() bool { return s == positive || s == neutral || s == negative }

// speaker is one who takes part.
type speaker struct {
	Name   string // never empty
	Role   callinsights.Role
	Detail string // a phone number or an extension
	Colour int    // a number of the style sheet's palette
}

// Note is what else the page says of a speaker.
func (s speaker) Note() string {
	if s.Role == "" || s.Detail == "" {
		return string(s.Role) + s.Detail
	}
	return string(s.Role) + ", " + s.Detail
}

// turn is one utterance.
type turn struct {
	Speaker    int // index in Speakers
	Text       string
	Start, End time.Duration // 0 where the conversation is not Timed
}

// list is what a service noted of one kind, such as the next steps.
type list struct {
	Name  string
	Items []item
}

// item is one of them.
type item struct {
	Text    string
	Section string // the heading that it stands under
	Who     string // the speaker that it is about
	Turn    int    // the number of the turn that it is about, from 1; 0 if there is none
	At      time.Duration
}

// fact is something else to know.
type fact struct{ Label, Value string }

// key names the conversation in the addresses of pages. It is made of what names
// it at its service, which may be any text.
func (c *conversation) key() string {
	sum := sha256.Sum256([]byte(string(c.Service) + "\n" + c.Medium + "\n" + c.ID))
	return hex.EncodeToString(sum[:8])
}

// addFact adds a fact if there is a value.
func (c *conversation) addFact(label, value string) {
	if value = strings.TrimSpace(value); value != "" {
		c.Facts = append(c.Facts, fact{shorten(label, maxName), value})
	}
}

// addList adds a list if there are items in it.
func (c *conversation) addList(name string, items []item) {
	if len(items) > 0 {
		c.Lists = append(c.Lists, list{name, items})
	}
}

// talk fills in who said what. name gives what to call a speaker of whom the turn
// has no name.
func (c *conversation) talk(turns []callinsights.Turn, name func(callinsights.Turn) speaker) {
	lanes := make(map[speakerKey]int)
	for _, t := range turns {
		key := speakerKey{t.SpeakerID, t.Speaker, t.Role}
		lane, known := lanes[key]
		if !known {
			lane = len(c.Speakers)
			lanes[key] = lane
			c.Speakers = append(c.Speakers, name(t))
		}
		start := max(t.Start.Duration(), 0)
		end := max(t.End.Duration(), start)
		c.Timed = c.Timed || end > 0
		c.Turns = append(c.Turns, turn{lane, t.Text, start, end})
	}
}

// speakerKey is what tells speakers apart. Not all services have ids.
type speakerKey struct {
	id, name string
	role     callinsights.Role
}

// finish fills in what follows from the rest.
func (c *conversation) finish() {
	c.Title = cmp.Or(strings.TrimSpace(c.Title), "Untitled "+c.Medium)
	c.Start = c.Start.UTC()
	c.paint()
	c.Length = max(c.Length, 0)
	if c.Length == 0 {
		c.Length = c.end()
	}
	c.folded = c.fold()
	c.shorten() // after that, so that a search finds all of it
}

// shorten cuts what is shown as a whole.
func (c *conversation) shorten() {
	c.Title = shorten(c.Title, maxTitle)
	c.Outcome = shorten(c.Outcome, maxName)
	c.Direction = direction(shorten(string(c.Direction), maxName))
	c.Sentiment = sentiment(shorten(string(c.Sentiment), maxName))
	for i := range c.Speakers {
		s := &c.Speakers[i]
		s.Name, s.Detail = shorten(s.Name, maxName), shorten(s.Detail, maxName)
	}
	for _, list := range c.Lists {
		for i := range list.Items {
			list.Items[i].Section = shorten(list.Items[i].Section, maxName)
		}
	}
}

// maxName is how many characters of a name are shown: a page has it at each turn, so
// that a name of a megabyte would make it one of a gigabyte.
const maxName = 400

// end is when the last turn ends.
func (c *conversation) end() time.Duration {
	var end time.Duration
	for i := range c.Turns {
		end = max(end, c.Turns[i].End)
	}
	return end
}

// paint gives each speaker a colour: the account's side has the even ones and
// everybody else the odd ones, so that a glance tells the sides apart.
func (c *conversation) paint() {
	next := map[bool]int{true: 0, false: 1}
	for i := range c.Speakers {
		ours := c.Speakers[i].Role == callinsights.RoleAgent
		c.Speakers[i].Colour = next[ours] % palette
		next[ours] += 2
	}
}

// palette is how many colours the style sheet has for speakers; an even number.
const palette = 8

// folded is the text of a conversation in lower case: what each side says, and the
// rest.
type folded struct{ agent, customer, rest string }

// fold returns all text that a search should find.
func (c *conversation) fold() folded {
	var agent, customer, rest strings.Builder
	add := func(b *strings.Builder, text string) {
		b.WriteString(strings.ToLower(text))
		b.WriteByte('\n')
	}
	add(&rest, c.Title)
	add(&rest, c.ID)
	for i := range c.Speakers {
		add(&rest, c.Speakers[i].Name)
		add(&rest, c.Speakers[i].Detail)
	}
	for i := range c.Turns {
		switch c.Speakers[c.Turns[i].Speaker].Role {
		case callinsights.RoleAgent:
			add(&agent, c.Turns[i].Text)
		case callinsights.RoleCustomer:
			add(&customer, c.Turns[i].Text)
		default:
			add(&rest, c.Turns[i].Text)
		}
	}
	for _, paragraph := range c.Summary {
		add(&rest, paragraph)
	}
	for _, list := range c.Lists {
		for _, item := range list.Items {
			add(&rest, item.Text)
		}
	}
	for _, fact := range c.Facts {
		add(&rest, fact.Value)
	}
	return folded{agent.String(), customer.String(), rest.String()}
}

func (f *folded) bytes() int { return len(f.agent) + len(f.customer) + len(f.rest) }

// weigh returns how much each speaker talked, and all of them together: in
// seconds, or else in characters.
func (c *conversation) weigh() (each []float64, total float64) {
	each = make([]float64, len(c.Speakers))
	for i := range c.Turns {
		each[c.Turns[i].Speaker] += c.weight(i)
		total += c.weight(i)
	}
	return each, total
}

// weight is how long a turn is: in seconds, or else in characters.
func (c *conversation) weight(i int) float64 {
	t := &c.Turns[i]
	if c.Timed {
		return (t.End - t.Start).Seconds()
	}
	return float64(utf8.RuneCountInString(t.Text))
}
