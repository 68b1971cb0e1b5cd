"""[pure] Names, places and addresses of people who do not exist, in towns that do.

ZIP codes and area codes are those of the towns; phone numbers use the exchange 555, mail addresses the
domains of RFC 2606, so that nothing here reaches anybody.
"""

from typing import Final, NamedTuple


def listed(words: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(words.split())


class City(NamedTuple):
    """A town where people live and work."""

    name: str
    state: str
    zips: tuple[str, ...]
    area_codes: tuple[str, ...]
    weight: int
    """How many of all people live here, relative to other towns."""


def _city(line: str) -> City:
    name, state, zips, codes, weight = line.split("|")
    return City(name, state, tuple(zips.split()), tuple(codes.split()), int(weight))


CITIES: Final = tuple(
    sorted(
        map(
            _city,
            """\
Chicago|IL|60608 60619 60632 60639|312 773|110
Joliet|IL|60432 60435|815|34
Aurora|IL|60505 60506|630|30
Rockford|IL|61101 61108|815|26
Peoria|IL|61602 61604|309|18
Indianapolis|IN|46201 46218 46241|317|44
Fort Wayne|IN|46802 46806|260|18
Gary|IN|46402 46408|219|16
Columbus|OH|43207 43215 43219|614|40
Cleveland|OH|44102 44114 44135|216|34
Toledo|OH|43604 43612|419|20
Dayton|OH|45402 45417|937|18
Detroit|MI|48201 48210 48227|313|40
Grand Rapids|MI|49503 49548|616|24
Milwaukee|WI|53204 53215 53218|414|30
Green Bay|WI|54301 54303|920|14
Minneapolis|MN|55401 55411 55418|612|28
St. Louis|MO|63101 63118 63147|314|30
Kansas City|MO|64106 64120 64127|816|28
Louisville|KY|40202 40210 40216|502|30
Memphis|TN|38103 38118 38127|901|40
Nashville|TN|37203 37211|615|26
Atlanta|GA|30303 30315 30336|404|40
Savannah|GA|31401 31408|912|18
Houston|TX|77002 77012 77029|713 281|56
Dallas|TX|75201 75212 75217|214|46
San Antonio|TX|78205 78219|210|28
El Paso|TX|79901 79907|915|18
Phoenix|AZ|85003 85009 85043|602|34
Los Angeles|CA|90012 90023 90058|213 323|50
Ontario|CA|91761 91764|909|40
Fresno|CA|93721 93725|559|20
Stockton|CA|95202 95206|209|20
Reno|NV|89501 89502|775|16
Seattle|WA|98101 98108|206|20
Tacoma|WA|98402 98421|253|16
Portland|OR|97203 97209 97218|503|22
Denver|CO|80202 80216|303|24
Salt Lake City|UT|84101 84104|801|22
Philadelphia|PA|19103 19124 19140|215|32
Pittsburgh|PA|15201 15222|412|22
Allentown|PA|18102 18109|610|24
Newark|NJ|07102 07105 07114|973|34
Edison|NJ|08817 08837|732|28
Camden|NJ|08102 08104|856|14
Buffalo|NY|14202 14206|716|18
Boston|MA|02118 02125 02128|617|26
Worcester|MA|01604 01608|508|18
Springfield|MA|01103 01109|413|14
Hartford|CT|06103 06114|860|16
Charlotte|NC|28202 28208 28216|704|30
Greensboro|NC|27401 27409|336|18
Greenville|SC|29601 29605|864|20
Tampa|FL|33602 33605 33619|813|26
Jacksonville|FL|32202 32218|904|24
Birmingham|AL|35203 35211|205|20""".splitlines(),
        ),
        key=lambda city: (city.state, city.name),
    )
)
"""Sorted by state and name, so that the towns of one state are neighbours."""

STATES: Final = tuple(sorted({city.state for city in CITIES}))

FIRST_NAMES: Final = listed(
    """
Aaliyah Aaron Abdul Abigail Adriana Ahmed Aisha Alejandro Alexis Alicia Amara Amir Amy Ana Andre Angela
Anh Anthony Antonio Ashley Beatriz Benjamin Bianca Brandon Brian Brianna Carlos Carmen Cedric Chen Chloe
Christina Christopher Claudia Cynthia Daniel Danielle Darius David Deborah DeShawn Destiny Devon Diana
Diego Dmitri Donna Dwayne Ebony Eduardo Elena Elijah Elizabeth Emeka Emily Emmanuel Eric Ernesto Esther
Ethan Eva Fatima Felicia Fernando Francisco Gabriela Gary George Gloria Grace Gregory Guadalupe Hannah
Hassan Hector Henry Hiroshi Hung Ibrahim Imani Irina Isaac Isabel Ivan Jackson Jada Jamal James Janelle
Jasmine Javier Jennifer Jerome Jessica Jin Joanna Joel Jordan Jose Joseph Joshua Juan Juanita Julia
Kareem Karen Katherine Keisha Kenji Kevin Kiara Kim Kofi Kwame Lakisha Lamar Larry Latoya Laura Leila
Leonard Leticia Li Liam Linda Linh Lisa Lorenzo Lucia Luis Lydia Malik Manuel Marcus Margaret Maria
Mariana Mark Marquis Martha Mary Mateo Matthew Maurice Mei Melissa Michael Michelle Miguel Mina Minh
Mohamed Monica Monique Nadia Naomi Natalia Nathan Nia Nicholas Nicole Nikolai Noah Olga Olivia Omar
Oscar Pablo Pamela Patrice Patricia Paul Pedro Peter Phuong Priya Rachel Rafael Raheem Rajesh Ramon
Raquel Rashad Raymond Rebecca Ricardo Robert Roberto Rosa Ruth Ryan Samantha Samuel Sandra Sanjay
Santiago Sara Scott Sean Sergio Shanice Sharon Sofia Sonia Stephanie Steven Susan Tamika Tanisha Tariq
Terrence Teresa Thanh Thomas Tiffany Tomas Tony Travis Trevon Tyler Valentina Vanessa Veronica Victor
Vincent Wei Wendy William Ximena Yan Yolanda Yusuf Zachary Zainab Zoe
"""
)

LAST_NAMES: Final = listed(
    """
Abdi Acosta Adams Adeyemi Aguilar Ahmed Alexander Ali Allen Alvarez Anderson Andrews Armstrong Asante
Bailey Baker Banks Barnes Begum Bell Bennett Boateng Brooks Brown Bryant Bui Burns Butler Campbell
Carter Castillo Castro Chang Chavez Chen Cheng Chowdhury Clark Cole Coleman Collins Contreras Cook
Cooper Cox Cruz Davis Delgado Desai Diaz Dinh Dixon Do Dominguez Edwards Ellis Escobar Espinoza Evans
Fernandez Figueroa Fisher Flores Ford Foster Fox Franklin Freeman Fuentes Garcia Gibson Gomez Gonzalez
Graham Grant Gray Green Griffin Guerrero Gupta Gutierrez Guzman Hall Hamilton Harris Harrison Hassan
Hawkins Hayes Henderson Henry Hernandez Herrera Hill Hoang Holmes Howard Huang Hughes Hunter Hussain
Huynh Ibrahim Jackson James Jenkins Jimenez Johnson Jones Jordan Joseph Juarez Kaur Kelly Kennedy Khan
Kim King Kowalski Kumar Lam Le Lee Leon Lewis Li Lin Liu Long Lopez Marshall Martin Martinez Mason
McDonald Medina Mendez Mendoza Mensah Mitchell Mohamed Molina Moore Morales Moreno Morgan Morris Munoz
Murphy Murray Myers Navarro Nelson Ngo Nguyen Nowak Nunez Okafor Okoye Oliver Olson Ortega Ortiz Osman
Owens Palmer Park Parker Patel Patterson Payne Pena Perez Perkins Perry Petrov Pham Phan Phillips Pierce
Popov Porter Powell Price Quinn Ramirez Ramos Reed Reyes Reynolds Rice Richards Richardson Rios Rivera
Roberts Robinson Rodriguez Rogers Rojas Romero Rosario Ross Ruiz Russell Salazar Sanchez Sanders
Santiago Santos Scott Shah Sharma Silva Simmons Simpson Singh Smith Soto Stephens Stevens Stewart
Sullivan Tanaka Taylor Thomas Thompson Torres Tran Tucker Turner Valdez Vargas Vasquez Vega Volkov
Walker Wallace Wang Ward Washington Watson Webb Wells West White Williams Wilson Wong Wood Woods Wright
Wu Yang Young Yusuf Zhang Zhao Zhou
"""
)

STREETS: Final = tuple(
    f"{name} {kind}"
    for kind in ("St", "Ave", "Rd", "Dr", "Ct", "Blvd")
    for name in listed(
        """
Maple Oak Cedar Pine Elm Walnut Washington Lincoln Jefferson Park Lake Hill River Church Main Mill
Spring Franklin Highland Sunset Jackson Adams Monroe Madison Chestnut Willow Prospect Center Union
Railroad
"""
    )
)

MAIL_DOMAINS: Final = ("example.com", "example.net", "example.org", "mail.example.com", "post.example.net")

RECRUITERS: Final = tuple(
    f"{first} {last}" for first, last in zip(FIRST_NAMES[3::11], LAST_NAMES[5::12], strict=False)
)
"""Our own people."""

OFFICE_DOMAIN: Final = "staffing.example.com"
