package ringsense_test

import (
	"context"
	"fmt"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// workshop is a fake with a morning of calls, the second of which was
// transferred. The insights of the last one have not been made yet.
func workshop() (server *ringsensetest.Server, from, to time.Time) {
	from = time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC)
	recording := func(id string) *ringsense.CallLogRecording {
		return &ringsense.CallLogRecording{ID: id, Type: ringsense.RecordingAutomatic}
	}
	server = ringsensetest.NewServer()
	server.AddCall(
		&ringsense.CallRecord{ID: "a", TelephonySessionID: "s-1", StartTime: from.Add(5 * time.Minute), Recording: recording("3100000000031")},
		&ringsense.CallRecord{
			ID: "b", TelephonySessionID: "s-2", StartTime: from.Add(40 * time.Minute),
			Legs: []ringsense.CallLeg{{Recording: recording("3100000000032")}, {Recording: recording("3100000000033")}},
		},
		&ringsense.CallRecord{ID: "c", TelephonySessionID: "s-3", StartTime: from.Add(3 * time.Hour), Recording: recording("3100000000034")},
	)
	for id, title := range map[string]string{"3100000000031": "Brakes", "3100000000032": "Front desk", "3100000000033": "Workshop"} {
		server.Add(&ringsense.RecordingInsights{
			SourceRecordID: id, Title: title, Insights: ringsense.Insights{Summary: []ringsense.Insight{{Value: "About a bike."}}},
		})
	}
	return server, from, from.Add(4 * time.Hour)
}

func ExampleClient_CallRecordings() {
	server, from, to := workshop()
	client := server.Client()

	for recording, err := range client.CallRecordings(context.Background(), ringsense.CallLogQuery{From: from, To: to}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(recording.Call.StartTime.Format(time.TimeOnly), recording.TelephonySessionID, recording.ID)
	}
	// Output:
	// 08:05:00 s-1 3100000000031
	// 08:40:00 s-2 3100000000032
	// 08:40:00 s-2 3100000000033
	// 11:00:00 s-3 3100000000034
}
