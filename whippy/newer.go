package whippy

// Newer reports whether a tells of a later state of the same call than b, for
// events that overtook each other on the way. The later [Call.UpdatedAt] is the
// newer one; of two that are equal, call.analyzed comes after call.ended, and
// that after call.started. It is false for two events of different calls, for
// equal ones, and for events that are not about a call.
func Newer(a, b *Event) bool {
	callA, okA := a.Data.(*Call)
	callB, okB := b.Data.(*Call)
	if !okA || !okB || callA == nil || callB == nil || callA.ID != callB.ID {
		return false
	}
	if !callA.UpdatedAt.Equal(callB.UpdatedAt) {
		return callA.UpdatedAt.After(callB.UpdatedAt)
	}
	return a.Type.stage() > b.Type.stage()
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
