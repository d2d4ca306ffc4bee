package ringsense_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// The service may switch filters off as it makes a subscription. The others send
// events all the same.
func ExampleClient_Subscribe() {
	server := ringsensetest.NewServer()
	server.DisableFilter(ringsense.InsightsFilters(ringsense.DomainRCV)[0], "CMN-401")

	subscription, err := server.Client().Subscribe(context.Background(), ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCV),
		Address:           "https://hooks.example.com/ringsense", // its handler must be up, see NewEventHandler
		VerificationToken: ringsense.NewVerificationToken(),
	})
	if disabled, ok := errors.AsType[*ringsense.DisabledFiltersError](err); ok {
		subscription = disabled.Subscription
		for _, filter := range subscription.DisabledFilters {
			fmt.Println("no events come for", filter.Filter)
		}
	} else if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(subscription.Status, "with", len(subscription.EventFilters), "filters")
	// Output:
	// no events come for /ai/ringsense/v1/public/accounts/1000000001/domains/rcv/insights
	// Active with 2 filters
}
