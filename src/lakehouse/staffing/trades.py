"""[pure] The ten trades we place: base rates, skills, certificates, and how people in them talk.

Openers and skills say the same thing in several ways, some without the title or the keyword, so that a
search by meaning has something to find that a search by words cannot.
"""

from typing import Final, NamedTuple


class Trade(NamedTuple):
    """A role that clients order and candidates fill."""

    title: str
    base: int
    """Base pay, US dollars per hour."""
    weight: int
    """Share of all candidates, in ten-thousandths."""
    certificates: tuple[tuple[str, int], ...]
    """Six (name, per cent of the people who have it)."""
    skills: tuple[tuple[str, str], ...]
    """Eight (keyword in the skills column, how a resume may put it)."""
    openers: tuple[str, ...]
    """Six first sentences; {years} becomes a text such as "12 years"."""
    duties: tuple[str, ...]
    """Six sentences about the daily work."""


def _trade(text: str) -> Trade:
    head, certificates, skills, *sentences = text.strip().splitlines()
    title, base, weight = head.split("|")
    papers = [paper.rsplit(" ", 1) for paper in certificates.split(", ")]
    pairs = [skill.split(" = ") for skill in skills.split(", ")]
    return Trade(
        title,
        int(base),
        int(weight),
        tuple((name, int(percent)) for name, percent in papers),
        tuple((word, said) for word, said in pairs),
        tuple(sentences[:6]),
        tuple(sentences[6:]),
    )


TRADES: Final = tuple(
    map(
        _trade,
        (
            """
Forklift Operator|20|1107
Forklift 100, OSHA-10 45, OSHA-30 18, Reach Truck 40, CDL-B 6, TWIC 9
reach truck = narrow aisle lifts, sit-down forklift = counterbalance trucks, \
cherry picker = picking from height, RF scanner = hand-held scanners, dock loading = loading trailers, \
inventory counts = cycle counting, pallet wrapping = wrapping and banding, clamp truck = paper roll clamps
Forklift operator with {years} on the floor.
I move pallets for a living and have {years} of seat time.
{years} of driving lift trucks in busy warehouses.
Certified lift driver, {years} without a tip-over.
I have driven sit-down and stand-up trucks for {years}.
Material handler on wheels, {years} in all.
I put away inbound freight and pull full pallets for the afternoon trucks.
At my last place I fed three production lines with raw stock.
I do the daily truck inspection and report leaks before somebody slips.
Most of my work was in high bays, thirty feet up, with tight aisles.
I unloaded ocean containers and staged the freight by purchase order.
Outdoors in the yard I handled lumber and steel with a rough terrain machine.
""",
            """
Welder|26|900
AWS D1.1 62, AWS D1.2 18, OSHA-10 50, OSHA-30 16, Confined Space 20, Forklift 18
MIG welding = wire feed, TIG welding = heliarc on thin stainless, stick welding = rod in any position, \
flux core = self-shielded wire, blueprint reading = working from prints, plasma cutting = cutting plate, \
grinding = grinding and finishing, pipe fitting = fitting pipe
Welder with {years} in fabrication shops.
I join metal for a living, {years} of it.
{years} under the hood, structural and light gauge.
I have been burning rod and running wire for {years}.
Fabricator who welds, {years} in the trade.
My beads pass inspection and have done so for {years}.
I built frames, brackets and handrails from print to paint.
I tacked and finished trailer chassis on a moving line.
On sites I worked with ironworkers, connecting beams and decking.
I prep my own joints, set my own machine and check my own work.
I repaired buckets and booms for a company that rents out excavators.
Most of it was carbon steel, some stainless for dairy tanks.
""",
            """
Electrician|28|620
Journeyman 55, NFPA 70E 48, OSHA-10 60, OSHA-30 34, LOTO 52, CPR 22
conduit bending = bending pipe, wire pulling = pulling cable, panel wiring = landing panels, \
troubleshooting = finding faults, motor controls = starters and drives, \
PLC basics = reading ladder logic, lighting = fixtures and controls, fire alarm = alarm loops
Electrician with {years} in commercial and industrial work.
I have wired buildings and machines for {years}.
{years} in the electrical trade, from apprentice up.
I run conduit, pull wire and make it live; {years} so far.
Sparky by trade, {years} on sites and in plants.
Power, lighting and controls have been my work for {years}.
I roughed in apartment blocks and trimmed them out on schedule.
In a plant I kept conveyors running and replaced failed drives at night.
I read one-line drawings and mark up what was really built.
I set transformers and switchgear with a crew of four.
Service calls taught me to explain a fault in plain words.
I installed solar arrays on flat roofs and tied them into the grid.
""",
            """
Machine Operator|24|1130
CNC Level 1 38, LOTO 46, OSHA-10 40, Forklift 26, GMP 18, Yellow Belt 12
CNC lathe = turning centers, CNC mill = vertical mills, press brake = bending sheet metal, \
injection molding = molding presses, setup = changing over tools, calipers = measuring with hand tools, \
G-code edits = editing offsets and programs, deburring = breaking edges
Machine operator with {years} on the shop floor.
I run the equipment that makes the parts, {years} so far.
{years} of loading, running and checking machines.
I have made chips and held tolerances for {years}.
Press and lathe hand, {years} in two shops.
For {years} I have kept production equipment turning.
I loaded blanks, watched the cycle and measured every tenth part.
I changed dies with the setup man and later by myself.
I kept four presses going and wrote down scrap by cause.
My parts went into pumps, so every bore was gauged.
I cleared jams safely and called maintenance before things broke.
I followed the router, signed off each step and kept the travelers clean.
""",
            """
Quality Technician|23|640
CQT 40, Yellow Belt 35, GMP 38, OSHA-10 28, ServSafe 10, CPR 12
CMM = coordinate measuring, gauge R&R = checking gauges, first article inspection = first piece approval, \
SPC = control charts, ISO 9001 audits = internal audits, lab testing = bench tests, \
CAPA = corrective actions, incoming inspection = checking supplier parts
Quality technician with {years} in inspection.
I find the bad parts before the customer does, {years} of it.
{years} in the lab and on the line, measuring.
For {years} my stamp decided what shipped.
Inspector by nature and by trade, {years}.
I have worked in quality departments for {years}.
I approved first pieces, stopped the line when needed and said why.
I wrote up nonconforming lots and followed them to the cause.
I calibrated micrometers and kept the gauge records ready for audit.
I pulled samples every hour and charted weight, seal and color.
I trained operators to measure their own work and trust it.
Customers called me directly when a shipment looked wrong.
""",
            """
Maintenance|26|780
LOTO 70, EPA 608 30, OSHA-10 48, OSHA-30 20, NFPA 70E 26, Confined Space 18
preventive maintenance = scheduled upkeep, hydraulics = pumps and cylinders, \
pneumatics = air lines and valves, conveyor repair = belts and rollers, \
PLC basics = reading ladder logic, HVAC = heating and cooling units, bearings = changing bearings, \
welding repairs = small weld repairs
Maintenance technician with {years} in plants.
When a line stops I am the one they call; {years} of that.
{years} of fixing what others run.
I have kept plants running for {years}, mechanical and electrical.
Millwright and all-round repair hand, {years}.
Wrenches, meters and grease have been my day for {years}.
I planned weekend shutdowns and had the line back up by Monday.
I rebuilt gearboxes and aligned motors with a dial indicator.
I walked the rooftop units each month and changed filters and belts.
I kept the spare parts crib and cut the emergency orders by half.
I traced faults from the panel to the sensor and wrote it down.
In a bakery I looked after mixers, ovens and packaging machines.
""",
            """
Loader|17|1250
OSHA-10 25, Forklift 24, CPR 8, TWIC 8, Hazmat 3, CDL-B 4
truck loading = filling trailers, pallet jack = walking pallets, manual lifting = heavy lifting, \
load securing = straps and bars, sorting = sorting parcels, shrink wrap = wrapping skids, \
dock work = working the dock, container unloading = emptying containers
Loader with {years} on the dock.
I fill and empty trailers by hand and by jack, {years} so far.
{years} of heavy lifting in freight terminals.
I have worked docks and trailers for {years}.
Strong back, careful hands, {years} of freight.
Dock hand with {years} behind me.
I built tight walls of boxes so nothing shifted on the road.
I unloaded floor-loaded containers with a team of three.
I sorted parcels by route at four in the morning.
I checked seals, counted pieces and signed the bill of lading.
Furniture and appliances were my freight, up three flights of stairs.
In summer the trailers are hot; I drink water and keep going.
""",
            """
Warehouse Associate|17|1760
OSHA-10 30, Forklift 32, Reach Truck 14, CPR 8, Hazmat 4, GMP 10
order picking = pulling orders, packing = boxing orders, RF scanner = hand-held scanners, \
shipping = getting parcels out, receiving = checking in freight, cycle counts = counting stock, \
labeling = printing and applying labels, returns = handling returns
Warehouse associate with {years} in distribution.
I pick, pack and ship; {years} of it.
{years} in fulfillment centers, mostly peak season.
For {years} I have pulled orders and kept stock straight.
All-round stockroom hand, {years}.
I have done every job between the dock and the shelf in {years}.
I picked to voice and to scanner and kept my rate above target.
I checked in deliveries against the packing list and flagged shortages.
I put returns back on the shelf or in the damage cage.
I packed fragile goods so that they arrived in one piece.
I counted bins every morning and explained the differences.
During the holidays I led a group of eight temps.
""",
            """
Production|18|1520
GMP 40, OSHA-10 28, ServSafe 22, Forklift 12, LOTO 15, Yellow Belt 5
assembly = putting units together, packaging = bagging and boxing, \
hand tools = air drivers and torque wrenches, line work = keeping pace on a line, \
visual inspection = checking by eye, soldering = soldering boards, food handling = handling food, \
machine tending = feeding machines
Production worker with {years} on assembly lines.
I build things on a line, {years} so far.
{years} of keeping pace with a conveyor.
I have assembled, packed and labeled products for {years}.
Factory hand with {years} in three plants.
Putting parts together has been my job for {years}.
I assembled pumps from a bin of parts and a drawing.
I rotated through six stations so that anyone could take a break.
I weighed, sealed and boxed trays in a cold room.
I torqued bolts to spec and scanned each serial number.
I set aside what looked wrong and told the lead.
I cleaned down the line at the end of the shift for the next product.
""",
            """
Truck Driver|25|293
CDL-A 78, CDL-B 40, Hazmat 34, TWIC 26, OSHA-10 12, Forklift 28
tractor-trailer = driving combinations, local delivery = city routes, liftgate = using a liftgate, \
electronic logs = keeping electronic logs, backing = tight docks, flatbed = chains and tarps, \
pre-trip inspection = walk-around checks, route planning = planning stops
Truck driver with {years} on the road.
I deliver freight and bring the truck back whole, {years} so far.
{years} behind the wheel, local and regional.
I have driven for a living for {years}.
Road and yard driver, {years}.
City docks, country roads, {years} of both.
I ran a daily route with fourteen stops and a hand truck.
I pulled containers from the rail yard to warehouses.
I hauled steel coils and know how to chain them.
I kept my logs clean and my inspections current.
I backed into docks that were built for smaller trucks.
I delivered groceries at night and unloaded at the store.
""",
        ),
    )
)
