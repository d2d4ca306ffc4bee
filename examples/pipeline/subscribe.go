package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"

	"github.com/callinsights/callinsights-go/ringsense"
)

// subscribe holds the subscription of RingSense to the address of the receivers, of
// which this is to be the only process. Whippy is told of the address on its pages.
func (p *process) subscribe(ctx context.Context) error {
	var address, base string
	err := p.parse("subscribe", func(flags *flag.FlagSet) {
		flags.StringVar(&address, "address", "", "where RingSense reaches the receivers, such as https://calls.example.com/ringsense")
		flags.StringVar(&base, "ringsense", "", "another address of RingSense, such as that of examples/sandbox")
	})
	if err != nil {
		return err
	}
	tokens := strings.Fields(p.getenv(ringSenseVariable))
	client, err := ringSenseClient(p.getenv, base)
	switch {
	case err != nil:
		return err
	case client == nil:
		return errors.New("set RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT in the environment")
	case len(tokens) == 0:
		return fmt.Errorf("set %s in the environment, to what the receivers have", ringSenseVariable)
	}
	request := ringsense.SubscriptionRequest{
		EventFilters:      ringsense.InsightsFilters(ringsense.DomainPBX, ringsense.DomainRCV),
		Address:           address,
		VerificationToken: tokens[0], // the receivers take the others too, while one replaces another
	}
	err = client.KeepSubscribed(ctx, request, ringsense.OnSubscriptionChange(func(change ringsense.SubscriptionChange) {
		p.log.Warn("the subscription", slog.Any("change", change))
	}))
	return unlessEnded(ctx, err) // the subscription stays
}
