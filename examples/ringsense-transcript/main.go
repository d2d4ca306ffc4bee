// Ringsense-transcript prints what RingSense made of a recording, or of all
// recordings of a session: title, time, speakers, summary, next steps and the
// transcript, as text, Markdown or JSON, or the transcript of a recording alone as
// captions for a player, WebVTT or SRT.
//
//	go run ./examples/ringsense-transcript
//
// needs neither credentials nor a network: it shows a recording of a fake inside
// the program. With -live it asks the real service:
//
//	RC_APP_CLIENT_ID=... RC_APP_CLIENT_SECRET=... RC_USER_JWT=... \
//	go run ./examples/ringsense-transcript -live -recording 3104417225019 -format markdown -out call.md
//
// With -url it asks another address, such as that of examples/sandbox.
//
// JSON is the answer of the service for a recording, and a list of such for a
// session: as it came, but for what a terminal could obey, which is spelled out.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/examples/internal/program"
	"github.com/callinsights/callinsights-go/ringsense"
)

func main() {
	os.Exit(program.Run("ringsense-transcript", run))
}

// settings are what the flags say.
type settings struct {
	live               bool
	url                string // of the service, if it is another one
	recording, session string // one of them
	domain             ringsense.Domain
	format             format
	out                string
	wait               time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	client, err := connect(s)
	if err != nil {
		return err
	}
	return show(ctx, client, s, stdout, stderr)
}

// show writes nothing before everything is there.
func show(ctx context.Context, client *ringsense.Client, s settings, stdout, stderr io.Writer) error {
	records, err := fetch(ctx, client, s)
	if errors.Is(err, ringsense.ErrInsightsNotFound) {
		return fmt.Errorf("%w%s", err, hint(s))
	}
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return fmt.Errorf("the service knows session %q and has no recordings of it", s.session)
	}
	for _, record := range records {
		if isEmpty(record) {
			fmt.Fprintf(stderr, "recording %s has no transcript, summary or next steps yet%s\n", plain(record.SourceRecordID), hint(s))
		}
	}
	var document bytes.Buffer
	if err := s.format.write(&document, records, s.session != ""); err != nil {
		return err
	}
	if s.out != "" {
		return os.WriteFile(s.out, document.Bytes(), 0o600)
	}
	_, err = document.WriteTo(stdout)
	return err
}

// hint says what may help where insights are missing.
func hint(s settings) string {
	switch {
	case !s.live:
		return fmt.Sprintf("; the fake has the recordings %s and, with -domain %s, %s, and the session %s; -live asks the service",
			demo.RecordingID, ringsense.DomainRCV, demo.MeetingID, demo.SessionID)
	case s.recording != "" && s.wait == 0:
		return "; if the call was not long ago, -wait 10m waits for them"
	default:
		return ""
	}
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{domain: ringsense.DomainPBX, format: formatText}
	flags := flag.NewFlagSet("ringsense-transcript", flag.ContinueOnError)
	flags.BoolVar(&s.live, "live", false, "ask the real service, with the credentials in the environment")
	flags.StringVar(&s.url, "url", "", "with -live: another address of the service, such as that of examples/sandbox")
	flags.StringVar(&s.recording, "recording", "", "id of a recording; without -live, "+demo.RecordingID+" unless set")
	flags.StringVar(&s.session, "session", "", "id of a session instead, such as "+demo.SessionID+" without -live")
	flags.Func("domain", "pbx, rcv, rcx, ms-teams or nice-incontact (pbx unless set)", s.setDomain)
	flags.Var(&s.format, "format", "text, markdown, json, vtt or srt")
	flags.StringVar(&s.out, "out", "", "file to write to, replaced if it exists; standard output unless set")
	flags.DurationVar(&s.wait, "wait", 0, "how long to wait for the insights of the recording, such as 10m")
	if err := program.Parse(flags, args, stderr); err != nil {
		return s, err
	}
	if !s.live && s.recording == "" && s.session == "" {
		s.recording = demo.RecordingID
	}
	return s, s.check()
}

// setDomain takes the value of the flag. A slip in it would look like a recording
// that the service does not have.
func (s *settings) setDomain(text string) error {
	s.domain = ringsense.Domain(text)
	switch s.domain {
	case ringsense.DomainPBX, ringsense.DomainRCV, ringsense.DomainRCX, ringsense.DomainMSTeams, ringsense.DomainNICE:
		return nil
	default:
		return fmt.Errorf("want %s, %s, %s, %s or %s", ringsense.DomainPBX, ringsense.DomainRCV, ringsense.DomainRCX, ringsense.DomainMSTeams, ringsense.DomainNICE)
	}
}

func (s *settings) check() error {
	switch {
	case s.url != "" && !s.live:
		return errors.New("-url needs -live")
	case s.recording == "" && s.session == "":
		return errors.New("-live needs -recording ID or -session ID; the call log and events have the ids")
	case s.recording != "" && s.session != "":
		return errors.New("-recording and -session exclude each other")
	case s.wait < 0, s.wait > 0 && s.session != "":
		return errors.New("-wait takes a positive time, and is for a -recording")
	case s.session != "" && s.format.isCaptions():
		return errors.New("captions belong to one recording: -format vtt and srt are for a -recording")
	}
	return nil
}
