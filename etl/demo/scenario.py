"""One whole demo in numbers: everything that more than one part of the generator needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.demo import companies, customers, deals, leads, organisation, products, reference
from etl.demo.arrivals import arrive
from etl.demo.companies import Companies
from etl.demo.customers import Customers
from etl.demo.deals import Deals
from etl.demo.known import Codes
from etl.demo.leads import Leads
from etl.demo.organisation import Organisation
from etl.demo.products import Products
from etl.demo.world import World


@dataclass(frozen=True)
class Scenario:
    """The people, the market, the customers, the leads and the deals of a world."""

    world: World
    org: Organisation
    products: Products
    competitors: Codes
    firms: Companies
    customers: Customers
    deals: Deals
    leads: Leads


def imagine(world: World) -> Scenario:
    """The scenario of a world."""
    org, catalogue = organisation.found(world), products.catalogue(world)
    arrivals = arrive(world, org)
    became = leads.from_deals(world, arrivals)
    others = leads.fruitless(world, org, len(became))
    place = companies.market(world)
    firms = companies.invent(world, org, place, np.r_[arrivals.customer_territory, others[1]])
    met = customers.meet(world, arrivals, firms, place)
    played = deals.play(world, org, arrivals, met, catalogue)
    captured = leads.capture(world, org, played, became, others, len(met.tick))
    return Scenario(world, org, catalogue, reference.competitors(world), firms, met, played, captured)
