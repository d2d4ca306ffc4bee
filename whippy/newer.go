package whippy

// Newer reports whether a tells of a later state of the same call or message than
// b, for events that overtook each other on the way. The later UpdatedAt is the
// newer one; of two that are equal, call.analyzed comes after call.ended, and that
// after call.started, and that after any event of a message. It is false for two
// events of different calls or messages, for equal ones, and for other events,
// such as those without an id and nil.
func Newer(a, b *Event) bool {
	itemA, itemB := a.item(), b.item()
	if itemA == nil || itemB == nil || itemA.ID == "" || itemA.ID != itemB.ID {
		return false
	}
	if !itemA.UpdatedAt.Equal(itemB.UpdatedAt) {
		return itemA.UpdatedAt.After(itemB.UpdatedAt)
	}
	return a.Type.stage() > b.Type.stage()
}

// item is the call or message of an event, nil if it is about something else.
func (e *Event) item() *Call {
	if e == nil {
		return nil
	}
	switch data := e.Data.(type) {
	case *Call:
		return data
	case *Message:
		return (*Call)(data)
	default:
		return nil
	}
}

// stage is where an event stands in the course of a call.
func (t EventType) stage() int {
	switch t {
	case EventCallAnalyzed:
		return 3
	case EventCallEnded:
		return 2
	case EventCallStarted:
		return 1
	default:
		return 0
	}
}
