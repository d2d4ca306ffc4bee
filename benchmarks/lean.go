package main

import (
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// leanPage decodes a page as the module does, but for what it keeps beside the
// fields: no exact text, and no unknown member.
func leanPage(text []byte) (*vonageinsights.Page, error) {
	page := new(vonageinsights.Page)
	stream := jsonpull.NewBufferedStream(text)
	for obj := stream.Object(); obj.Next(); {
		switch obj.Key() {
		case "total":
			stream.Value(func(d *jsonpull.Decoder) { page.Total = d.Int() })
		case "page_number":
			stream.Value(func(d *jsonpull.Decoder) { page.PageNumber = d.Int() })
		case "page_size":
			stream.Value(func(d *jsonpull.Decoder) { page.PageSize = d.Int() })
		case "hits":
			for hits := stream.Array(); hits.Next(); {
				session := new(vonageinsights.Session)
				stream.Value(func(d *jsonpull.Decoder) { leanSession(session, d) })
				page.Sessions = append(page.Sessions, session)
			}
		default:
			stream.Skip()
		}
	}
	return page, stream.End()
}

func leanSession(s *vonageinsights.Session, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			s.ID = d.String()
		case "account_id":
			s.AccountID = d.String()
		case "api_key":
			s.APIKey = d.String()
		case "source":
			s.Source = d.String()
		case "destination":
			s.Destination = d.String()
		case "channel":
			s.Channel = vonageinsights.Channel(d.String())
		case "language":
			s.Language = d.String()
		case "status":
			s.Status = vonageinsights.Status(d.String())
		case "session_start_time":
			s.SessionStartTime = d.Time().UTC()
		case "agent_information":
			leanAgent(&s.AgentInformation, d)
		case "channel_data":
			leanChannel(&s.ChannelData, d)
		case "request_ids":
			s.RequestIDs = d.Strings()
		case "transcription":
			s.Transcription = jsonpull.List(d, leanUtterance)
		case "tags_list":
			s.TagsList = jsonpull.List(d, leanTagCount)
		case "params_list":
			s.ParamsList = jsonpull.List(d, leanParameter)
		case "flow_data":
			leanFlowData(&s.FlowData, d)
		case "flow_path":
			s.FlowPath = jsonpull.List(d, leanStep)
		}
	}
}

func leanAgent(a *vonageinsights.AgentInformation, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			a.ID = d.String()
		case "version_id":
			a.VersionID = d.String()
		case "name":
			a.Name = d.String()
		case "voice":
			a.Voice = d.String()
		case "language":
			a.Language = d.String()
		}
	}
}

func leanChannel(c *vonageinsights.ChannelData, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "call_status":
			c.CallStatus = vonageinsights.Status(d.String())
		case "duration":
			c.DurationMs = d.Int64()
		case "audio_url":
			c.AudioURL = new(d.String())
		case "status_code":
			c.StatusCode = new(d.Int())
		}
	}
}

func leanUtterance(u *vonageinsights.Utterance, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		u.SpeakerKey, u.Text = obj.Key, d.Text()
	}
}

func leanTag(t *vonageinsights.Tag, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "tag":
			t.Tag = d.String()
		case "category":
			t.Category = d.String()
		}
	}
}

func leanTagCount(t *vonageinsights.TagCount, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "count":
			t.Count = d.Int()
		case "tag":
			t.Tag = d.String()
		case "category":
			t.Category = d.String()
		}
	}
}

func leanParameter(p *vonageinsights.Parameter, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "name":
			p.Name = d.String()
		case "value":
			p.Value = d.Text()
		case "value_text":
			p.ValueText = d.Text()
		case "completed":
			p.Completed = d.Bool()
		case "type":
			p.Type = d.Text()
		case "audio_url":
			p.AudioURL = d.String()
		case "alteration_source":
			p.AlterationSource = vonageinsights.AlterationSource(d.String())
		case "audio_duration":
			p.AudioDuration = d.Float64()
		}
	}
}

func leanFlowData(f *vonageinsights.FlowData, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "injected_parameters":
			f.InjectedParameters = jsonpull.List(d, leanParameter)
		case "collected_tags":
			f.CollectedTags = jsonpull.List(d, leanTag)
		case "collected_parameters":
			f.CollectedParameters = jsonpull.List(d, leanParameter)
		}
	}
}

func leanStep(s *vonageinsights.Step, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "type":
			s.Type = vonageinsights.StepType(d.String())
		case "node_id":
			s.NodeID = d.String()
		case "request_id":
			s.RequestID = d.String()
		case "synchronized":
			s.Synchronized = d.Bool()
		case "execution_time":
			s.ExecutionTime = d.Int64()
		case "tags":
			s.Tags = jsonpull.List(d, leanTag)
		case "request":
			leanRequest(&s.Request, d)
		case "response":
			leanResponse(&s.Response, d)
		case "context":
			leanContext(&s.Context, d)
		}
	}
}

func leanRequest(r *vonageinsights.StepRequest, d *jsonpull.Decoder) {
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
		}
	}
}

func leanResponse(r *vonageinsights.StepResponse, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "code":
			r.Code = d.Int()
		case "payload":
			r.Payload = d.Text()
		}
	}
}

func leanContext(c *vonageinsights.StepContext, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "output":
			c.Output = d.RawMessage()
		case "user_input":
			c.UserInput = d.Text()
		case "url":
			c.URL = d.String()
		case "status":
			leanStatus(&c.Status, d)
		case "execution_parameters":
			c.ExecutionParameters = jsonpull.List(d, leanParameter)
		}
	}
}

func leanStatus(s *vonageinsights.StepStatus, d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "code":
			s.Code = d.Int()
		case "message":
			s.Message = d.Text()
		}
	}
}
