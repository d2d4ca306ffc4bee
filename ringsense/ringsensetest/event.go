package ringsensetest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
)

// EventSubscriptionID is the subscription that the events of [EventPayload]
// belong to.
const EventSubscriptionID = "fake-subscription"

// EventEdit changes an event before it is written.
type EventEdit func(e *ringsense.Event)

// EventPayload returns what the service sends when the insights of record are
// made: the envelope of
// developers.ringcentral.com/guide/notifications/event-filters/ace-event-filter
// with the record as its body, for the account [AccountID] and a subscription of
// [ExtensionID]. The UUID is made from what the record holds, so the same record
// gives the same event again, and a record that has changed another one. The
// time is a second after the record's last change, an invention.
//
// Edits change the envelope. This one leaves the record alone, as the service's
// page showed it at first:
//
//	func(e *ringsense.Event) { *e = ringsense.Event{Insights: e.Insights} }
//
// It panics on a nil record and on an event that cannot be written, as it is
// made for tests.
func EventPayload(record *ringsense.RecordingInsights, edits ...EventEdit) []byte {
	if record == nil {
		panic("ringsensetest: EventPayload: nil record")
	}
	event := &ringsense.Event{
		UUID:           eventUUID(record),
		Filter:         insightsFilter(record.Domain),
		SubscriptionID: EventSubscriptionID,
		OwnerID:        ExtensionID,
		Insights:       record,
	}
	if !record.LastModifiedTime.IsZero() {
		event.Timestamp = record.LastModifiedTime.Add(time.Second)
	}
	for _, edit := range edits {
		edit(event)
	}
	payload, err := event.MarshalJSON()
	if err != nil {
		panic("ringsensetest: EventPayload: " + err.Error())
	}
	return payload
}

// insightsFilter is the filter of the events of a domain, pbx where there is none.
func insightsFilter(domain ringsense.Domain) string {
	return insightsRoot + AccountID + "/domains/" + string(cmp.Or(domain, ringsense.DomainPBX)) + "/insights"
}

// eventUUID is a name in the form of a UUID. A record that cannot be written is
// found out when the event is.
func eventUUID(record *ringsense.RecordingInsights) string {
	document, _ := record.MarshalJSON()
	sum := sha256.Sum256(document)
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
